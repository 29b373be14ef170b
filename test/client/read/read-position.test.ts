import { expect } from 'chai';
import { ReadPosition } from '../../../client/read/read-position.js';
import type { ReadMessage } from '../../../client/read/read-message.js';
import { GapPolicy } from '../../../protos/gen/foghorn/v1/history.js';

/** Entries with these times in seconds; cursors are `c<time>`. */
function entries(...seconds: number[]): ReadMessage & { kind: 'entries' } {
  return {
    kind: 'entries',
    entries: seconds.map((second) => ({
      timestamp: { seconds: BigInt(second), nanos: 0 },
      namespace: 'default',
      topic: '/t',
      event: undefined,
      cursor: `c${second}`,
    })),
    cursor: `c${seconds.at(-1)}`,
    keptExits: false,
  };
}

describe('ReadPosition', () => {
  it('asks first for the start in the options', () => {
    const position = new ReadPosition({
      filters: ['topic=="/a"'],
      container: { namespace: 'moby', id: 'x' },
      start: { since: 1_500_000_000n },
      until: 2_000_000_001n,
      stopWhenCaughtUp: true,
      limit: 7,
      gapPolicy: 'continue',
      dockerView: true,
    });
    expect(position.request()).to.deep.equal({
      filters: ['topic=="/a"'],
      container: { namespace: 'moby', containerId: 'x' },
      start: { $case: 'since', value: { seconds: 1n, nanos: 500_000_000 } },
      until: { seconds: 2n, nanos: 1 },
      stopWhenCaughtUp: true,
      limit: 7n,
      keptExitsAfter: '',
      gapPolicy: GapPolicy.GAP_POLICY_CONTINUE,
      dockerView: true,
      maxEntryBytes: 0n,
    });
  });

  it('goes on after handled messages, with the remaining limit', () => {
    const position = new ReadPosition({ limit: 5 });
    expect(position.request().start?.$case).to.equal('now');
    position.handled(entries(1, 2, 3));
    expect(position.request()).to.deep.include({
      start: { $case: 'after', value: 'c3' },
      limit: 2n,
    });
    expect(position.complete).to.equal(false);
    position.handled(entries(4, 5));
    expect(position.complete).to.equal(true);
  });

  for (const kind of ['progress', 'caught up', 'shutdown'] as const) {
    it(`remembers its place by "${kind}" without an entry`, () => {
      const position = new ReadPosition({});
      position.handled({ kind, cursor: 'c9' });
      expect(position.request().start).to.deep.equal({ $case: 'after', value: 'c9' });
    });
  }

  it('goes on after the end of a gap', () => {
    const position = new ReadPosition({ start: { after: 'c1' } });
    position.handled({ kind: 'gap', reason: 'trimmed', from: 'c1', cursor: 'c5', lostAtMost: 4n });
    expect(position.request().start).to.deep.equal({ $case: 'after', value: 'c5' });
  });

  it('goes on at the beginning when "now" was in an empty history', () => {
    const position = new ReadPosition({ start: 'now' });
    position.handled({ kind: 'caught up', cursor: '' });
    expect(position.request().start?.$case).to.equal('earliest');
  });

  it('keeps a time as its start as long as the history is empty', () => {
    const position = new ReadPosition({ start: { since: 5n } });
    position.handled({ kind: 'caught up', cursor: '' });
    expect(position.request().start?.$case).to.equal('since');
  });

  it('filters entries before "since" itself once it asks by cursor', () => {
    const position = new ReadPosition({ start: { since: 10_000_000_000n }, limit: 3 });
    position.handled(entries(11));
    expect(position.request().limit).to.equal(0n);
    expect(position.wanted(entries(9, 12, 8, 10))).to.deep.include({
      entries: [...entries(12).entries, ...entries(10).entries],
      cursor: 'c10',
    });
    expect(position.wanted(entries(12, 13, 14))).to.deep.equal(entries(12, 13));
    expect(position.wanted(entries(1, 2))).to.deep.equal({ kind: 'progress', cursor: 'c2' });
  });

  it('takes old entries that arrive after it has caught up, as an uninterrupted read does', () => {
    const position = new ReadPosition({ start: { since: 10_000_000_000n }, limit: 3 });
    position.handled(entries(11));
    position.handled({ kind: 'caught up', cursor: 'c11' });
    expect(position.request().limit).to.equal(2n);
    expect(position.wanted(entries(9, 12))).to.deep.equal(entries(9, 12));
  });

  for (const limit of [0, -1, 1.5, NaN]) {
    it(`refuses the limit ${limit}`, () => {
      expect(() => new ReadPosition({ limit })).to.throw(`limit ${limit}: expected a whole number`);
    });
  }
});
