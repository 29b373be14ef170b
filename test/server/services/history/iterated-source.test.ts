import { expect } from 'chai';
import { IteratedSource } from '../../../../server/services/history/iterated-source.js';

/** Takes until nothing comes any more. */
async function takeAll<Message>(source: IteratedSource<Message>): Promise<Message[]> {
  const taken: Message[] = [];
  for (;;) {
    const message = source.take();
    if (message !== undefined) taken.push(message);
    else if (source.closed) return taken;
    else await new Promise<void>((resolve) => (source.onReady = resolve));
  }
}

// eslint-disable-next-line @typescript-eslint/require-await
async function* count(to: number, failure?: Error): AsyncGenerator<number, void, undefined> {
  for (let i = 1; i <= to; i++) yield i;
  if (failure !== undefined) throw failure;
}

const nothing = (): void => {};

describe('a source that takes from an iteration', () => {
  it('gives every message, in order, and is closed then', async () => {
    expect(await takeAll(new IteratedSource(count(3), nothing))).to.deep.equal([1, 2, 3]);
  });

  it('throws what the iteration did, after the messages before that', async () => {
    const source = new IteratedSource(count(2, new Error('the store is gone')), nothing);
    const ready = () => new Promise<void>((resolve) => (source.onReady = resolve));
    for (const expected of [1, 2]) {
      expect(source.take()).to.equal(undefined);
      await ready();
      expect(source.take()).to.equal(expected);
    }
    expect(source.take()).to.equal(undefined);
    await ready();
    expect(() => source.take()).to.throw('the store is gone');
  });

  it('asks for no message before the one before was taken, and ends the iteration when it is closed', () => {
    let ended = 0;
    const never = { next: () => new Promise<IteratorResult<number>>(nothing) };
    const source = new IteratedSource({ [Symbol.asyncIterator]: () => never }, () => (ended += 1));
    expect([source.take(), source.take()]).to.deep.equal([undefined, undefined]);
    source.close();
    expect([source.closed, ended]).to.deep.equal([true, 1]);
  });
});
