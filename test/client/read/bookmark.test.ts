import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { fileBookmark, type ReadOptions } from '../../../client/index.js';
import { FoghornError } from '../../../protocol/errors.js';
import { TestBroker } from '../../cli/test-broker.js';

describe('a read with a bookmark', () => {
  let directory: string;
  let broker: TestBroker;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'foghorn-bookmark-'));
    broker = await new TestBroker().start();
  });
  afterEach(async () => {
    await broker.remove();
    await rm(directory, { recursive: true, force: true });
  });

  async function topics(options: ReadOptions): Promise<string[]> {
    const seen: string[] = [];
    for await (const message of broker.client.read({ ...options, stopWhenCaughtUp: true })) {
      if (message.kind === 'entries') seen.push(...message.entries.map(({ topic }) => topic));
    }
    return seen;
  }

  it('starts where the last one has come to', async () => {
    const options: ReadOptions = { start: 'earliest', resume: fileBookmark(join(directory, 'b')) };
    await broker.client.publish({ topic: '/a' });
    await broker.client.publish({ topic: '/b' });
    expect(await topics({ ...options, limit: 1 })).to.deep.equal(['/a']);
    expect(await topics(options)).to.deep.equal(['/b']);
    await broker.client.publish({ topic: '/c' });
    expect(await topics(options)).to.deep.equal(['/c']);
    expect(await topics(options)).to.deep.equal([]);
    expect(await readdir(directory)).to.deep.equal(['b']);
  });

  it('delivers again what the loop body has failed at', async () => {
    const resume = fileBookmark(join(directory, 'b'));
    await broker.client.publish({ topic: '/a' });
    const failing = async () => {
      const messages = broker.client.read({ start: 'earliest', resume });
      for await (const { kind } of messages) if (kind === 'entries') throw new Error('no');
    };
    await failing().catch(() => {});
    expect(await topics({ start: 'earliest', resume })).to.deep.equal(['/a']);
  });

  it('says which file it cannot use', async () => {
    await mkdir(join(directory, 'folder'));
    const resume = fileBookmark(join(directory, 'folder'));
    const error = await topics({ resume }).catch((caught: unknown) => caught);
    expect(error).to.be.instanceOf(FoghornError);
    expect((error as Error).message).to.match(/^bookmark .*folder cannot be read: /);
    await writeFile(join(directory, 'wrong'), 'no cursor');
    const wrong = await topics({ resume: fileBookmark(join(directory, 'wrong')) }).catch(
      (caught: unknown) => caught,
    );
    expect(wrong).to.include({ code: 'INVALID_ARGUMENT' });
  });
});
