import { expect } from 'chai';
import { publishIds } from '../../../client/publish/publish-id.js';

describe('publishIds', () => {
  it('differ and sort, also if the clock stands still or steps back', () => {
    const times = [5, 5, 3, 5, 6, 2 ** 43];
    const next = publishIds(() => times.shift() ?? 0);
    const ids = Array.from({ length: 8 }, next);
    expect(new Set(ids).size).to.equal(8);
    expect([...ids].sort()).to.deep.equal(ids);
    for (const id of ids) expect(Buffer.byteLength(id)).to.equal(33);
  });

  it('differ and sort, however many are made in a millisecond', () => {
    const next = publishIds(() => 5);
    let last = '';
    for (let i = 0; i < 2 ** 20 + 2; i++) {
      const id = next();
      if (id <= last || id.length !== 33) expect.fail(`${id} after ${last}`);
      last = id;
    }
  });

  it('differ between clients at the same time', () => {
    expect(publishIds(() => 1)()).to.not.equal(publishIds(() => 1)());
  });
});
