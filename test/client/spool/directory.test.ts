import { chmodSync, chownSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { prepareDirectory } from '../../../client/spool/directory.js';

describe('prepareDirectory', () => {
  let directory: string;
  let target: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'foghorn-directory-'));
    target = `${directory}-target`;
    writeFileSync(target, 'precious');
  });

  afterEach(() => {
    rmSync(directory, { recursive: true });
    rmSync(target);
  });

  it('accepts a directory of the user, and leaves nothing in it', () => {
    prepareDirectory(directory);
    expect(readdirSync(directory)).to.deep.equal([]);
  });

  it('refuses a directory of another user', () => {
    const uid = process.getuid?.() ?? 0;
    // Only root can give a directory away; another user pretends to be somebody else.
    if (uid === 0) chownSync(directory, 12345, 12345);
    const caller = uid === 0 ? 0 : uid + 1;
    expect(() => {
      prepareDirectory(directory, caller);
    }).to.throw(/it belongs to user \d+; give a directory of user/);
  });

  it('refuses a directory that every user may write to', () => {
    chmodSync(directory, 0o777);
    expect(() => {
      prepareDirectory(directory);
    }).to.throw('every user may write to it');
  });

  for (const name of ['data.mdb', 'lock.mdb']) {
    it(`does not follow a link called ${name}`, () => {
      symlinkSync(target, join(directory, name));
      expect(() => {
        prepareDirectory(directory);
      }).to.throw(`its ${name} is not a regular file`);
      expect(readFileSync(target, 'utf8')).to.equal('precious');
    });
  }

  it('does not write through a link in place of its own file', () => {
    symlinkSync(target, join(directory, `space-${process.pid}`));
    prepareDirectory(directory);
    expect(readFileSync(target, 'utf8')).to.equal('precious');
  });
});
