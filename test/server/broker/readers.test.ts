import { expect } from 'chai';
import { trustedCaller, type Caller } from '../../../server/access/caller.js';
import { NamespaceSet } from '../../../server/access/namespace-set.js';
import { Readers } from '../../../server/broker/readers.js';

const tenant = (name: string): Caller => ({
  name,
  may: () => false,
  readable: NamespaceSet.NONE,
});

describe('the readers of a broker', () => {
  it('are shown to the caller who opened them, and to who sees the whole broker', async () => {
    const readers = new Readers(() => 5n);
    const closes: (() => void)[] = [];
    const open = async (caller: Caller): Promise<void> => {
      const position = { offset: 7 };
      const whenClosed = (close: () => void): number => closes.push(close);
      await readers.open(caller, 0, () => Promise.resolve({ isLive: true, position, whenClosed }));
    };
    await open(tenant('a'));
    await open(tenant('b'));
    const ids = (caller: Caller): number[] => readers.list(caller).map(({ id }) => id);
    expect(ids(tenant('a'))).to.deep.equal([1]);
    expect(ids(tenant('c'))).to.deep.equal([]);
    expect(ids(trustedCaller('root'))).to.deep.equal([1, 2]);
    expect([readers.count(tenant('b')), readers.count(trustedCaller('root'))]).to.deep.equal([
      1, 2,
    ]);
    closes[0]!();
    expect(ids(trustedCaller('root'))).to.deep.equal([2]);
    expect(readers.count(tenant('a'))).to.equal(0);
  });
});
