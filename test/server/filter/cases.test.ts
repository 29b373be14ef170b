import { expect } from 'chai';

import { cases } from './cases.js';

describe('filter case file', () => {
  it('holds as many cases of each kind as the tests expect', () => {
    const counts: Record<string, number> = {};
    for (const { kind } of cases) counts[kind] = (counts[kind] ?? 0) + 1;
    expect(counts).to.deep.equal({
      match: 155,
      parse: 131,
      scan: 13,
      unquote: 27,
      operatorString: 2,
    });
  });
});
