import { expect } from 'chai';
import { chmod, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { chownSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { makeDirectory } from '../../../../../server/history/lmdb/guard/file-system.js';
import { OpenAttempt } from '../../../../../server/history/lmdb/guard/open-attempt.js';
import { fillDirectory, freshDirectory, openIn } from '../store-directory.js';

describe("lmdb store: the store's directory", () => {
  const directory = freshDirectory();

  async function modes(): Promise<string[]> {
    const names = (await readdir(directory())).filter((name) => !name.endsWith('.sock'));
    const entries = names.sort().map(async (name) => {
      const { mode } = await stat(join(directory(), name));
      return `${name} ${(mode & 0o777).toString(8)}`;
    });
    return Promise.all(entries);
  }

  const PRIVATE = ['FOGHORN', 'data.mdb', 'journal-0', 'journal-1', 'journal-seal', 'lock.mdb'].map(
    (name) => `${name} 600`,
  );

  it('has files that only their owner can read, although everybody may enter it', async () => {
    await chmod(directory(), 0o755);
    await fillDirectory(directory(), ['event']);
    expect(await modes()).deep.equal(PRIVATE);
  });

  it('has a lock file that LMDB need not extend, because it crashes when that fails', async () => {
    await fillDirectory(directory(), ['event']);
    expect((await stat(join(directory(), 'lock.mdb'))).size).equal(64 * 1024);
  });

  it('loses the rights of others to the files of LMDB that earlier versions gave', async () => {
    await fillDirectory(directory(), ['event']);
    for (const name of ['data.mdb', 'lock.mdb']) await chmod(join(directory(), name), 0o644);
    await (await openIn(directory())).close();
    expect(await modes()).deep.equal(PRIVATE);
  });

  it('is refused where a link could have another file changed', async () => {
    const victim = `${directory()}.victim`;
    await writeFile(victim, '', { mode: 0o644 });
    const files = 'data.mdb lock.mdb FOGHORN opening space journal-0 journal-1 journal-seal';
    for (const name of [...files.split(' '), 'consumers', 'consumers.new']) {
      const path = join(directory(), name);
      await symlink(victim, path);
      const error: unknown = await openIn(directory()).catch((reason: unknown) => reason);
      expect(String(error)).to.contain(`its ${name} is not a regular file`);
      expect(await readFile(victim, 'utf8')).to.equal('');
      expect((await stat(victim)).mode & 0o777).to.equal(0o644);
      await rm(path);
    }
  });

  it('is refused to other users than its owner and root, who could be made to write elsewhere', () => {
    const { uid } = statSync(directory());
    makeDirectory(directory(), uid);
    // Root owns the directory where the tests run as root.
    if (uid === 0) chownSync(directory(), 12345, 12345);
    const owner = uid === 0 ? 12345 : uid;
    makeDirectory(directory(), owner);
    for (const other of [0, owner + 1]) {
      expect(() => {
        makeDirectory(directory(), other);
      }).to.throw(`it belongs to user ${owner} and this process runs as user ${other}`);
    }
  });

  it('is refused when every user may write to it', async () => {
    await chmod(directory(), 0o777);
    const error: unknown = await openIn(directory()).catch((reason: unknown) => reason);
    expect(String(error)).to.contain('every user may write to it');
    expect(await readdir(directory())).deep.equal([]);
  });

  it('counts the processes in a row that died while they opened the store', async () => {
    await mkdir(join(directory(), 'store'));
    const path = join(directory(), 'store');
    expect([0, 1, 2].map(() => OpenAttempt.begin(path).deaths)).deep.equal([0, 1, 2]);
    const last = OpenAttempt.begin(path);
    expect(last.deaths).equal(3);
    last.end();
    expect(OpenAttempt.begin(path).deaths).equal(0);
  });
});
