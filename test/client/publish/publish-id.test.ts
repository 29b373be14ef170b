import { expect } from 'chai';
import { publishIds } from '../../../client/publish/publish-id.js';
import { risingClock } from '../../../protos/clock.js';

describe('publishIds', () => {
  it('are different and sort, even if the clock stands still or steps back', () => {
    const times = [5n, 5n, 3n, 5n, 6n, 2n ** 62n];
    const next = publishIds(risingClock(() => times.shift() ?? 0n));
    const ids = Array.from({ length: 8 }, next);
    expect(new Set(ids).size).to.equal(8);
    expect([...ids].sort()).to.deep.equal(ids);
    for (const id of ids) expect(Buffer.byteLength(id)).to.equal(33);
  });

  it('are different for every client at the same time', () => {
    expect(publishIds(() => 1n)()).to.not.equal(publishIds(() => 1n)());
  });
});
