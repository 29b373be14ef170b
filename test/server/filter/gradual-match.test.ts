import { expect } from 'chai';
import { GradualMatch, parseFilters } from '../../../server/filter/index.js';

const FIELDS = new Map([
  ['topic', '/tasks/exit'],
  ['namespace', 'k8s.io'],
]);
const field = ([name]: readonly string[]): string | undefined => FIELDS.get(name ?? '');

const SETS: readonly (readonly string[])[] = [
  [],
  ['topic~=exit'],
  ['topic~=create'],
  ['topic~=tasks,namespace~=moby', 'topic=="/tasks/exit"'],
  ['topic~=tasks,namespace~=moby', 'namespace~=^k8s', 'topic~=never'],
  ['namespace==moby,topic~=tasks', 'other~="^$",topic~=exit'],
  ['topic~=a,topic~=b', 'topic~=c'],
];

describe('a gradual match', () => {
  it('has the result of the plain match, however often it is interrupted', () => {
    for (const sources of SETS) {
      const set = parseFilters(sources);
      const match = new GradualMatch(set).begin(field);
      let runs = 0;
      let result: boolean | undefined;
      while (result === undefined) {
        let left = 1;
        const budget = { admits: () => left-- > 0, spend: () => undefined };
        result = match.run(budget);
        runs += 1;
      }
      expect(result, sources.join(' ')).to.equal(set.matches(field));
      expect(runs).to.be.at.most(6);
    }
  });

  it('evaluates no regular expression without a budget', () => {
    const match = new GradualMatch(parseFilters(['topic~=exit'])).begin(field);
    const none = { admits: () => false, spend: () => expect.fail('no match was admitted') };
    expect(match.run(none)).to.equal(undefined);
  });
});
