import { readSecretFile } from './secret-file.ts';

/** TLS of the connections: files in PEM. */
export interface KafkaTls {
  /** The certificates to trust; those that Node trusts where not given. */
  readonly caFile?: string;
  /** The client's own certificate and key, where brokers ask for one. */
  readonly certFile?: string;
  readonly keyFile?: string;
  /** The name that the brokers' certificates are for, where it is not the name they are reached by. */
  readonly serverName?: string;
}

/** As `tls.connect` wants it. */
export interface TlsSettings {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
}

/** @throws ERR_SOCKFLOW_INVALID_OPTION where a file cannot be read */
export function tlsSettings({ caFile, certFile, keyFile, serverName }: KafkaTls): TlsSettings {
  return {
    ...(caFile === undefined ? {} : { ca: readSecretFile(caFile, 'tls.caFile') }),
    ...(certFile === undefined ? {} : { cert: readSecretFile(certFile, 'tls.certFile') }),
    ...(keyFile === undefined ? {} : { key: readSecretFile(keyFile, 'tls.keyFile') }),
    ...(serverName === undefined ? {} : { servername: serverName }),
  };
}
