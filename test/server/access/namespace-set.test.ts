import { expect } from 'chai';
import { NamespaceSet } from '../../../server/access/namespace-set.js';

describe('NamespaceSet', () => {
  it('has the names and the names with a prefix that its patterns cover', () => {
    const set = NamespaceSet.of(['moby', 'team-a*']);
    const covered = ['moby', 'team-a', 'team-a.prod', 'mobyx', 'team-', 'Moby', ''].filter((name) =>
      set.has(name),
    );
    expect(covered).to.deep.equal(['moby', 'team-a', 'team-a.prod']);
  });

  it('has every name for a star, and none without a pattern', () => {
    expect(NamespaceSet.of(['a', '*']).isEverything).to.equal(true);
    expect(NamespaceSet.of(['a', '*']).has('whatever')).to.equal(true);
    expect(NamespaceSet.of([]).isEverything).to.equal(false);
    expect(NamespaceSet.of([]).has('a')).to.equal(false);
  });

  it('keeps no name and no prefix that another prefix covers', () => {
    const { names, prefixes } = NamespaceSet.of(['a', 'ab', 'ab*', 'abc*', 'ab*', 'b']);
    expect([...names]).to.deep.equal(['a', 'b']);
    expect(prefixes).to.deep.equal(['ab']);
  });
});
