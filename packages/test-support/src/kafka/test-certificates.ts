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

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** Where {@link makeCertificates} puts them. */
export function certificatesIn(dir: string): TestCertificates {
  return {
    ca: join(dir, 'ca.pem'),
    serverStore: join(dir, 'server-store.pem'),
    clientCert: join(dir, 'client.pem'),
    clientKey: join(dir, 'client.key'),
  };
}

/** Makes them with openssl, for a day. @param clientName - the common name of the client's certificate */
export function makeCertificates(dir: string, clientName: string): TestCertificates {
  const to = ['-keyout', join(dir, 'ca.key'), '-out', join(dir, 'ca.pem')];
  openssl(['req', '-x509', ...NEW_KEY, '-days', '1', '-subj', '/CN=test-authority', ...to]);
  sign(dir, 'server', 'localhost', 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
  sign(dir, 'client', clientName, 'extendedKeyUsage=clientAuth\n');
  const made = certificatesIn(dir);
  const store = ['server.key', 'server.pem'].map((name) => readFileSync(join(dir, name), 'utf8'));
  writeFileSync(made.serverStore, store.join(''));
  return made;
}

function sign(dir: string, name: string, commonName: string, extensions: string): void {
  const at = (extension: string): string => join(dir, `${name}.${extension}`);
  const request = ['-keyout', at('key'), '-out', at('csr')];
  openssl(['req', '-new', ...NEW_KEY, '-subj', `/CN=${commonName}`, ...request]);
  writeFileSync(at('ext'), extensions);
  const authority = ['-CA', join(dir, 'ca.pem'), '-CAkey', join(dir, 'ca.key'), '-CAcreateserial'];
  const what = ['-in', at('csr'), '-extfile', at('ext'), '-out', at('pem')];
  openssl(['x509', '-req', '-days', '1', ...authority, ...what]);
}

function openssl(args: readonly string[]): void {
  const { status, stderr } = spawnSync('openssl', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`openssl ${args[0]} ended with ${status}: ${stderr}`);
}
