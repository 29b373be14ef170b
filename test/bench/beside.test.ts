import { expect } from 'chai';
import { rowsBeside } from '../../bench/rows/beside.js';
import { rows } from '../../bench/rows/index.js';
import { choose } from '../../bench/table/choose.js';
import { parseCommandLine } from '../../bench/table/command-line.js';

const OPTIONS = {
  rounds: 1,
  seconds: 1,
  warmUp: 1,
  scale: 0.001,
  profile: undefined,
  checkout: undefined,
};

describe('a comparison of two builds by the bench', () => {
  it('has all rows, each with the two builds and a tolerance of 5 %', () => {
    const compared = rowsBeside(OPTIONS, '/nowhere/older');
    expect(compared.map(({ name }) => name)).to.deep.equal(rows(OPTIONS).map(({ name }) => name));
    for (const { better, contenders, targets } of compared) {
      expect(contenders.map(({ name }) => name)).to.deep.equal(['Foghorn', 'Foghorn in older']);
      const reach = better === 'more' ? 0.95 : 1.05;
      expect(targets).to.deep.equal([
        { kind: 'ratio', peer: 'Foghorn in older', reach, stretch: 1 },
      ]);
    }
  });

  it('refuses a checkout that has not been built', () => {
    expect(() => parseCommandLine(['--beside', '/nowhere'])).to.throw(
      '/nowhere: expected a checkout with a dist/: run npm run build there',
    );
  });
});

describe('the choice of rows', () => {
  const work = { rows: rows(OPTIONS), curves: [] };

  it('takes the beginning of several names', () => {
    const chosen = choose(work, ['fan-out']).rows.map(({ name }) => name);
    expect(chosen).to.deep.equal(['fan-out-10', 'fan-out-100']);
  });

  it('refuses a name that matches no row', () => {
    expect(() => choose(work, ['fa'])).to.throw(
      '--rows fa: expected unary-publish, unary-publish-8, unary-publish-64, ttrpc-forward, append',
    );
  });
});
