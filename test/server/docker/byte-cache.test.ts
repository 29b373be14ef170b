import { expect } from 'chai';
import { ByteCache } from '../../../server/docker/byte-cache.js';

describe('a cache with a budget of bytes', () => {
  it('evicts what was used least recently', () => {
    const cache = new ByteCache<string, number>(100);
    cache.set('a', 1, 40);
    cache.set('b', 2, 40);
    expect(cache.get('a')).to.equal(1);
    cache.set('c', 3, 40);
    expect(cache.get('b')).to.equal(undefined);
    expect(cache.get('a')).to.equal(1);
    expect(cache.bytes).to.equal(80);
  });

  it('counts the new size of a value that has grown', () => {
    const cache = new ByteCache<string, number>(100);
    cache.set('a', 1, 40);
    cache.set('b', 2, 10);
    cache.set('b', 2, 70);
    expect(cache.get('a')).to.equal(undefined);
    expect(cache.bytes).to.equal(70);
  });

  it('does not keep a value that exceeds the budget, and evicts no other for it', () => {
    const cache = new ByteCache<string, number>(100);
    cache.set('a', 1, 40);
    cache.set('b', 2, 101);
    expect(cache.get('a')).to.equal(1);
    expect(cache.get('b')).to.equal(undefined);
  });
});
