import { expect } from 'chai';
import { dockerVectors, vectorsOf } from './docker-vectors.js';

describe('docker vectors', () => {
  it('have the expected number of each kind', () => {
    const counts = new Map<string, number>();
    for (const { kind } of dockerVectors) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    expect(Object.fromEntries(counts)).to.include({
      fixture: 2,
      'events-history': 120,
      'filters-parse': 5,
      'match-prefix': 3,
      'match-label': 8,
      'server-timestamp': 12,
      'image-strip': 7,
      accept: 6,
      'events-content-type': 6,
      'api-version': 5,
    });
    expect(vectorsOf('fixture').map(({ events }) => events.length)).to.deep.equal([57, 3]);
  });
});
