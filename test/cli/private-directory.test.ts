import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { makePrivateDirectory } from '../../cli/private-directory.js';

describe('makePrivateDirectory', () => {
  const uid = process.getuid?.() ?? 0;
  let parent: string;

  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'foghorn-private-'));
  });

  afterEach(() => {
    rmSync(parent, { recursive: true });
  });

  it('creates a directory that only the user can enter, or restricts an existing one', async () => {
    mkdirSync(join(parent, 'open'), { mode: 0o777 });
    for (const name of ['new', 'open']) {
      await makePrivateDirectory(join(parent, name), uid, '--flag');
      expect(statSync(join(parent, name)).mode & 0o777, name).to.equal(0o700);
    }
  });

  it("refuses another user's directory and a link", async () => {
    mkdirSync(join(parent, 'theirs'));
    symlinkSync(parent, join(parent, 'link'));
    for (const [name, user] of [
      ['theirs', uid + 1],
      ['link', uid],
    ] as const) {
      const failure = await makePrivateDirectory(join(parent, name), user, '--flag').catch(
        (e: unknown) => e,
      );
      expect(failure).to.have.property('code', 'FAILED_PRECONDITION');
    }
  });
});
