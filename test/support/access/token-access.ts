import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';

/** Writes an access file by which the token's name, `ci`, and others may publish and read. */
export function writeTokenAccess(
  path: string,
  token: string,
  others: readonly string[] = [],
): void {
  const sha256 = createHash('sha256').update(token).digest('hex');
  writeFileSync(
    path,
    `roles: { all: { publish: ['*'], read: ['*'] } }\n` +
      `grants: [{ role: all, to: [${['ci', ...others].join(', ')}] }]\n` +
      `tokens: [{ name: ci, sha256: '${sha256}' }]\n`,
  );
}
