import { expect } from 'chai';
import type { MemberRecord } from '../../../torture/consumers/records.js';
import { validate } from '../../../torture/consumers/validator.js';

type Step = readonly [kind: MemberRecord['kind'], member: string, number: number, time: number];

function faultsOf(
  steps: readonly Step[],
  { last = 2, killed = new Map<string, number>(), stopped = [] as Stop[] } = {},
): readonly string[] {
  const attempts = new Map<string, number>();
  const records = steps.map(([kind, member, number, time]): MemberRecord => {
    const key = `${member} ${number}`;
    if (kind === 'begun') attempts.set(key, (attempts.get(key) ?? 0) + 1);
    const attempt = attempts.get(key) ?? 0;
    return { kind, member, container: 'c', number, cursor: `${number}`, attempt, time };
  });
  return validate({ records, killed, stopped, published: new Map([['c', last]]) }).faults;
}

interface Stop {
  readonly member: string;
  readonly from: number;
  readonly to: number;
}

const ONE: readonly Step[] = [
  ['begun', 'a', 1, 1],
  ['handled', 'a', 1, 2],
];
const TWO: readonly Step[] = [
  ['begun', 'b', 2, 3],
  ['handled', 'b', 2, 4],
];

describe('the validator of durable consumers', () => {
  it('accepts events that were handled in order', () => {
    expect(faultsOf([...ONE, ...TWO])).deep.equal([]);
  });

  it('accepts an event that is handled again after its member was killed', () => {
    const steps: Step[] = [['begun', 'x', 1, 0], ...ONE, ...TWO];
    expect(faultsOf(steps, { killed: new Map([['x', 1]]) })).deep.equal([]);
  });

  it('reports an event that was never handled', () => {
    expect(faultsOf(ONE)).deep.equal(['c 2 was never handled']);
  });

  it('reports an event that began before the one before it was handled', () => {
    const steps: Step[] = [
      ['begun', 'a', 1, 1],
      ['begun', 'b', 2, 2],
      ['handled', 'a', 1, 3],
      ['handled', 'b', 2, 4],
    ];
    expect(faultsOf(steps)).length(2);
  });

  it('reports an event that is repeated after a later one', () => {
    const steps: Step[] = [...ONE, ...TWO, ['begun', 'x', 1, 5], ['handled', 'x', 1, 6]];
    expect(faultsOf(steps)).deep.equal(['c 1 began after 2 (x)']);
    const stopped = [{ member: 'x', from: 4, to: 7 }];
    expect(faultsOf(steps, { stopped })).deep.equal([]);
  });

  it('reports two members with one event at once', () => {
    const steps: Step[] = [
      ['begun', 'x', 1, 0],
      ['begun', 'a', 1, 1],
      ['handled', 'a', 1, 2],
      ['handled', 'x', 1, 3],
      ...TWO.map(([kind, member, number, time]): Step => [kind, member, number, time + 1]),
    ];
    expect(faultsOf(steps)).deep.equal(['c: a began 1 while x had 1']);
  });
});
