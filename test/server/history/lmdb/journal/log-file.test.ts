import { expect } from 'chai';
import { readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { OutOfTurnError } from '../../../../../server/history/group-commit.js';
import { LogFile } from '../../../../../server/history/lmdb/journal/log-file.js';
import { freshDirectory } from '../store-directory.js';

const outcome = (ended: Promise<unknown>): Promise<unknown> =>
  ended.then(
    () => 'done',
    (error: unknown) => (error instanceof OutOfTurnError ? 'out of turn' : 'failed'),
  );

describe('lmdb store: a file of the log', () => {
  const directory = freshDirectory();
  let file: LogFile;
  beforeEach(async () => {
    file = await LogFile.open(join(directory(), 'journal-0'));
  });

  it('takes appends beside each other, and ends them in order', async () => {
    await file.append(Buffer.from('first '));
    const ended: string[] = [];
    const texts = ['second ', 'third ', 'fourth'];
    const appends = texts.map((text) =>
      file.append(Buffer.from(text)).then(() => ended.push(text)),
    );
    await Promise.all([...appends, file.flushed().then(() => ended.push('all'))]);
    expect(ended).deep.equal([...texts, 'all']);
    const bytes = await readFile(join(directory(), 'journal-0'), 'latin1');
    expect(bytes.replaceAll('\0', '')).equal('first second third fourth');
    await file.close();
  });

  it('extends itself only while one append is under way', async () => {
    const appends = [file.append(Buffer.from('first')), file.append(Buffer.from('second'))];
    expect(await Promise.all(appends.map(outcome))).deep.equal(['done', 'out of turn']);
    await file.append(Buffer.from(' and second'));
    const bytes = await readFile(join(directory(), 'journal-0'), 'latin1');
    expect(bytes.replaceAll('\0', '')).equal('first and second');
    await file.close();
  });

  it('lets nothing end well after an append that fails, until that is taken back', async () => {
    await file.close();
    const full = join(directory(), 'journal-1');
    await symlink('/dev/full', full);
    file = await LogFile.open(full);
    const outcomes = [outcome(file.append(Buffer.from('first')))];
    const ended = { isSo: false };
    void outcomes[0]?.then(() => (ended.isSo = true));
    while (!ended.isSo) {
      outcomes.push(outcome(file.flushed()));
      await new Promise(setImmediate);
    }
    const [failed, ...others] = await Promise.all(outcomes);
    expect(failed).equal('failed');
    expect(others).not.empty;
    expect(new Set(others)).deep.equal(new Set(['out of turn']));
    await file.close();
  });
});
