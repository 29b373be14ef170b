import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { foghorn } from '../test-terminal.js';

describe('foghorn token and access', () => {
  const directory = mkdtempSync(join(tmpdir(), 'foghorn-access-'));
  const file = join(directory, 'access.yaml');

  after(() => {
    rmSync(directory, { recursive: true });
  });

  it('make a token, and the line by which a broker knows it', async () => {
    const { stdout, stderr, exitCode } = await foghorn(['token', 'new', 'ci', '--expires', '90d']);
    expect(exitCode).to.equal(0);
    const token = stdout.trim();
    expect(token).to.match(/^fhn_[\w-]{43}$/);
    const sha256 = createHash('sha256').update(token).digest('hex');
    expect(stderr).to.match(/^ {2}- \{ name: "ci", sha256: '[0-9a-f]{64}', expires: \S+Z \}\n$/);
    expect(stderr).to.include(sha256);
  });

  it('explain why a caller has a right or does not', async () => {
    writeFileSync(file, 'roles: { a: { read: [a*] } }\ngrants: [{ role: a, to: ["group:x"] }]\n');
    const check = (...args: string[]) =>
      foghorn(['access', 'check', '--access', file, '--as', 'alice', ...args]);
    const allowed = await check('--group', 'x', 'read', 'ab');
    expect(allowed.stdout).to.equal('allowed: role a has read on a*, and is granted to group:x\n');
    expect(allowed.exitCode).to.equal(0);
    const denied = await check('read', 'ab');
    expect(denied.stdout).to.equal('denied: no role of alice has read on ab\n');
    expect(denied.exitCode).to.equal(1);
    expect((await check('write', 'ab')).exitCode).to.equal(2);
  });

  it('point at the mistake in an access file', async () => {
    writeFileSync(file, 'roles:\n  a: { reed: [a*] }\n');
    const args = ['access', 'check', '--access', file, '--as', 'x', 'read', 'a'];
    const { stderr, exitCode } = await foghorn(args);
    expect(stderr).to.include(`--access ${file}:2:8: unknown key "reed"`);
    expect(exitCode).to.equal(2);
  });
});
