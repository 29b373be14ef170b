import { expect } from 'chai';
import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeDirectories } from '../../protocol/make-directories.js';

describe('missing directories', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'foghorn-directories-'));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  function modeOf(path: string): string {
    return (statSync(path).mode & 0o777).toString(8);
  }

  it('are created with their parents, all with the given rights', () => {
    const path = join(directory, 'a', 'b', 'c');
    makeDirectories(path, 0o700);
    expect([path, join(directory, 'a', 'b'), join(directory, 'a')].map(modeOf)).to.deep.equal([
      '700',
      '700',
      '700',
    ]);
  });

  it('leave existing ones as they are, links to them included', () => {
    mkdirSync(join(directory, 'a'));
    symlinkSync(join(directory, 'a'), join(directory, 'link'));
    const mode = modeOf(join(directory, 'a'));
    makeDirectories(join(directory, 'a'), 0o700);
    makeDirectories(join(directory, 'link', 'b'), 0o700);
    expect(modeOf(join(directory, 'a'))).to.equal(mode);
    expect(modeOf(join(directory, 'a', 'b'))).to.equal('700');
  });

  it('are refused in place of a file and below one', () => {
    const file = join(directory, 'file');
    writeFileSync(file, '');
    expect(() => {
      makeDirectories(file);
    }).to.throw(`EEXIST: file already exists, mkdir '${file}'`);
    expect(() => {
      makeDirectories(join(file, 'a'));
    }).to.throw('ENOTDIR: not a directory');
  });

  it('are refused where a file system takes none', function () {
    if (process.platform !== 'linux') this.skip();
    expect(() => {
      makeDirectories('/proc/foghorn/store');
    }).to.throw('ENOENT: cannot create /proc/foghorn, because /proc takes no new directories');
  });
});
