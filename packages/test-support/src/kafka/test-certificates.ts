import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** An authority and what it has signed, as files in PEM. */
export interface TestCertificates {
  /** The authority's certificate. */
  readonly ca: string;
  /** Key and certificate of a server on 127.0.0.1 and localhost, in one file as Kafka wants it. */
  readonly serverStore: string;
  /** A client's. */
  readonly clientCert: string;
  readonly clientKey: string;
}

/** Makes them with openssl, for a day. @param clientName - the common name of the client's certificate */
export function makeCertificates(dir: string, clientName: string): TestCertificates {
  const at = (name: string): string => join(dir, name);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl([
    'req',
    '-x509',
    ...key,
    '-days',
    '1',
    '-subj',
    '/CN=test-authority',
    '-keyout',
    at('ca.key'),
    '-out',
    at('ca.pem'),
  ]);
  for (const [name, commonName] of [
    ['server', 'localhost'],
    ['client', clientName],
  ] as const) {
    openssl([
      'req',
      '-new',
      ...key,
      '-subj',
      `/CN=${commonName}`,
      '-keyout',
      at(`${name}.key`),
      '-out',
      at(`${name}.csr`),
    ]);
    writeFileSync(
      at(`${name}.ext`),
      name === 'server'
        ? 'subjectAltName=IP:127.0.0.1,DNS:localhost\n'
        : 'extendedKeyUsage=clientAuth\n',
    );
    openssl([
      'x509',
      '-req',
      '-days',
      '1',
      '-in',
      at(`${name}.csr`),
      '-CA',
      at('ca.pem'),
      '-CAkey',
      at('ca.key'),
      '-CAcreateserial',
      '-extfile',
      at(`${name}.ext`),
      '-out',
      at(`${name}.pem`),
    ]);
  }
  writeFileSync(
    at('server-store.pem'),
    readFileSync(at('server.key'), 'utf8') + readFileSync(at('server.pem'), 'utf8'),
  );
  return {
    ca: at('ca.pem'),
    serverStore: at('server-store.pem'),
    clientCert: at('client.pem'),
    clientKey: at('client.key'),
  };
}

function openssl(args: readonly string[]): void {
  const { status, stderr } = spawnSync('openssl', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`openssl ${args[0]} ended with ${status}: ${stderr}`);
}
