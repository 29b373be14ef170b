import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** PEM files made by openssl, in a temporary directory. */
export class Certificates {
  readonly #directory = mkdtempSync(join(tmpdir(), 'foghorn-tls-'));

  private constructor() {}

  /** An authority, its certificate for 127.0.0.1, and an unrelated authority. */
  static make(): Certificates {
    const certificates = new Certificates();
    certificates.#makeAuthority('ca');
    certificates.#makeAuthority('other-ca');
    certificates.#makeCertificate();
    return certificates;
  }

  get ca(): string {
    return this.#path('ca.crt');
  }

  get otherCa(): string {
    return this.#path('other-ca.crt');
  }

  get cert(): string {
    return this.#path('redis.crt');
  }

  get key(): string {
    return this.#path('redis.key');
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true });
  }

  #makeAuthority(name: string): void {
    this.#openssl(
      ...['req', '-x509', ...this.#newKey(name), '-days', '2', '-subj', `/CN=${name}`],
      ...['-out', this.#path(`${name}.crt`)],
    );
  }

  #makeCertificate(): void {
    const request = this.#path('redis.csr');
    const extensions = this.#path('redis.ext');
    writeFileSync(extensions, 'subjectAltName=IP:127.0.0.1\n');
    this.#openssl('req', '-new', ...this.#newKey('redis'), '-subj', '/CN=redis', '-out', request);
    this.#openssl(
      ...['x509', '-req', '-in', request, '-days', '2', '-extfile', extensions],
      ...['-CA', this.ca, '-CAkey', this.#path('ca.key'), '-CAcreateserial', '-out', this.cert],
    );
  }

  #newKey(name: string): string[] {
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    return [...curve, '-keyout', this.#path(`${name}.key`)];
  }

  #openssl(...args: string[]): void {
    execFileSync('openssl', args, { stdio: 'pipe' });
  }

  #path(name: string): string {
    return join(this.#directory, name);
  }
}
