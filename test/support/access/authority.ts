import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A PEM certificate and its key, in files. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/** A certificate authority of its own, by openssl, with the certificates that it signs. */
export class Authority {
  readonly #directory = mkdtempSync(join(tmpdir(), 'foghorn-authority-'));
  #made = 0;

  constructor() {
    this.#openssl(
      ...['req', '-x509', ...this.#newKey('ca'), '-days', '2', '-subj', '/CN=test authority'],
      ...['-out', this.ca],
    );
  }

  /** Its certificate. */
  get ca(): string {
    return join(this.#directory, 'ca.crt');
  }

  /** A path of the authority's own directory. */
  path(name: string): string {
    return join(this.#directory, name);
  }

  /** A certificate for a server at localhost. */
  server(): CertificateFiles {
    return this.#sign('/CN=localhost', 'subjectAltName=IP:127.0.0.1,DNS:localhost');
  }

  /** A client's certificate with a common name, and a URI if one is given. */
  client(name: string, uri?: string): CertificateFiles {
    const extensions = uri === undefined ? '' : `subjectAltName=URI:${uri}`;
    return this.#sign(`/CN=${name}`, extensions);
  }

  /** The PEM text of a client's certificate, key and authority, for TLS options. */
  read({ cert, key }: CertificateFiles): { ca: Buffer; cert: Buffer; key: Buffer } {
    return { ca: readFileSync(this.ca), cert: readFileSync(cert), key: readFileSync(key) };
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true });
  }

  #sign(subject: string, extensions: string): CertificateFiles {
    this.#made += 1;
    const name = `signed-${this.#made}`;
    const cert = this.path(`${name}.crt`);
    writeFileSync(this.path(`${name}.ext`), `${extensions}\n`);
    this.#openssl(
      ...['req', '-new', ...this.#newKey(name), '-subj', subject],
      ...['-out', this.path(`${name}.csr`)],
    );
    this.#openssl(
      ...['x509', '-req', '-in', this.path(`${name}.csr`), '-days', '2'],
      ...['-extfile', this.path(`${name}.ext`), '-CA', this.ca, '-CAkey', this.path('ca.key')],
      ...['-set_serial', String(this.#made), '-out', cert],
    );
    return { cert, key: this.path(`${name}.key`) };
  }

  #newKey(name: string): string[] {
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    return [...curve, '-keyout', this.path(`${name}.key`)];
  }

  #openssl(...args: string[]): void {
    execFileSync('openssl', args, { stdio: 'pipe' });
  }
}
