import {
  appendFileSync,
  chmodSync,
  chownSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { RelayQueue } from '../../../server/relay/relay-queue.js';

describe("the relay's queue", () => {
  let directory: string;
  let queue: RelayQueue;

  const file = (): string => join(directory, 'queue');

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'foghorn-'));
    queue = await RelayQueue.open(directory);
  });

  afterEach(async () => {
    await queue.close();
    rmSync(directory, { recursive: true });
  });

  async function reopen(): Promise<void> {
    await queue.close();
    queue = await RelayQueue.open(directory);
  }

  /** Takes all events out of the queue. */
  async function takeAll(): Promise<string[]> {
    const taken: string[] = [];
    for (;;) {
      const oldest = await queue.oldest();
      if (oldest === undefined) return taken;
      taken.push(oldest.data?.toString() ?? 'damaged');
      await queue.remove(oldest.end);
    }
  }

  const add = (...texts: string[]): Promise<void> =>
    queue.add(
      5,
      texts.map((text) => Buffer.from(text)),
    );

  it('keeps the order and the time of events', async () => {
    await Promise.all([add('a', 'b'), add('c')]);
    expect(await queue.oldest()).to.include({ time: 5 });
    expect(await takeAll()).to.deep.equal(['a', 'b', 'c']);
    expect(queue.isEmpty).to.equal(true);
  });

  it('survives its process, with what was removed removed', async () => {
    await add('a', 'b', 'c');
    await queue.remove((await queue.oldest())!.end);
    await reopen();
    await add('d');
    expect(await takeAll()).to.deep.equal(['b', 'c', 'd']);
  });

  it('needs no space once it is empty', async () => {
    await add('x'.repeat(100_000));
    await takeAll();
    expect(statSync(file()).size).to.be.below(100);
  });

  it('forgets a record that a crash cut off', async () => {
    await add('a', 'b');
    truncateSync(file(), statSync(file()).size - 1);
    await reopen();
    await add('c');
    expect(await takeAll()).to.deep.equal(['a', 'c']);
  });

  it('reports damage once, and takes new events', async () => {
    await add('first', 'second');
    const bytes = readFileSync(file());
    bytes[bytes.indexOf('first')]! ^= 1;
    writeFileSync(file(), bytes);
    expect(await takeAll()).to.deep.equal(['damaged']);
    await add('c');
    expect(await takeAll()).to.deep.equal(['c']);
  });

  it('gives space back while it never is empty', async () => {
    const large = 'x'.repeat(1024 * 1024);
    let position = 0;
    for (let n = 0; n < 40; n++) {
      await add(`${n}${large}`);
      if (n === 0) continue;
      const oldest = (await queue.oldest())!;
      expect(oldest.data!.toString()).to.equal(`${position++}${large}`);
      await queue.remove(oldest.end);
    }
    expect(statSync(file()).size).to.be.below(24 * 1024 * 1024);
    await reopen();
    expect(await takeAll()).to.deep.equal([`39${large}`]);
  });

  it('is empty after a crash while its last event was removed', async () => {
    await add('a', 'b');
    await takeAll();
    await add('c');
    const before = readFileSync(file());
    const { end } = (await queue.oldest())!;
    await queue.remove(end);
    // The file was cut, and its header still has the position from before.
    const cut = Buffer.from(before.subarray(0, statSync(file()).size));
    cut.writeBigUInt64BE(BigInt(end), 8);
    writeFileSync(file(), cut);
    await reopen();
    expect(queue.isEmpty).to.equal(true);
    await add('d');
    await reopen();
    expect(await takeAll()).to.deep.equal(['d']);
  });

  it('refuses a file of another kind', async () => {
    await queue.close();
    appendFileSync(file(), 'x'.repeat(100));
    writeFileSync(file(), 'something else that is long enough');
    const opened = await RelayQueue.open(directory).catch((error: unknown) => error as Error);
    expect(opened).to.have.property('message', 'its file "queue" is not a queue of the relay');
    rmSync(file());
    queue = await RelayQueue.open(directory);
  });

  it('refuses a directory of another user, and one that every user may write to', async () => {
    const refusalOf = async (uid: number): Promise<string> => {
      const opened = await RelayQueue.open(directory, uid).catch((error: unknown) => error);
      return (opened as Error).message;
    };
    const uid = process.getuid?.() ?? 0;
    // Only root can give a directory away; another user pretends to be somebody else.
    if (uid === 0) chownSync(directory, 12345, 12345);
    expect(await refusalOf(uid === 0 ? 0 : uid + 1)).to.match(
      /^it belongs to user \d+ and this process runs as user \d+: run it as the owner/,
    );
    if (uid === 0) chownSync(directory, 0, 0);
    chmodSync(directory, 0o777);
    expect(await refusalOf(uid)).to.equal('every user may write to it: take that right away');
  });
});
