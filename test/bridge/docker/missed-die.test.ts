import { expect } from 'chai';
import { timestampFromNanos } from '../../../client/index.js';
import type { Envelope } from '../../../client/index.js';
import { ContainerHistory } from '../../../bridge/docker/container-history.js';
import { eventEnvelope } from '../../../bridge/docker/envelopes.js';
import { missedDie } from '../../../bridge/docker/missed-die.js';
import { parseDockerEvent } from '../../../protocol/docker-event.js';
import { ReportedContainer } from './reported-run.js';
import { containerEvent } from './scripted-engine.js';

const ID = 'c'.repeat(64);
const container = new ReportedContainer(ID);

/** Times are given in milliseconds. */
const ms = (time: number) => 1_700_000_000_000_000_000n + BigInt(Math.round(time * 1_000_000));
const created = (time: number, pid: number) => container.created(ms(time), pid);
const started = (time: number, pid: number) => container.started(ms(time), pid);
const exited = (time: number, pid: number, code = 0) => container.exited(ms(time), pid, code);

function told(time: number, action: string, attributes: Record<string, string> = {}): Envelope {
  const line = containerEvent(ms(time), action, { id: ID, ...attributes });
  return eventEnvelope('moby', parseDockerEvent(line));
}

/** The die that was missed of the exit at this place of the history. */
function missed(history: readonly Envelope[], place: number) {
  const entries = history.map((envelope, index) => ({ ...envelope, cursor: `${index}` }));
  const exit = entries[place]!;
  const { timestamp = timestampFromNanos(0n) } = exit;
  const past = new ContainerHistory(
    ID,
    timestamp.seconds * 1_000_000_000n + BigInt(timestamp.nanos),
  );
  for (const entry of entries) past.add(entry);
  return missedDie(ID, past, exit);
}

/** One run; the engine reported its start. */
const RUN = [told(1, 'create'), created(2, 7), started(3, 7), told(5, 'start')];

describe('a missed die', () => {
  it('equals the event that the engine would have reported', () => {
    const history = [
      ...RUN,
      told(6, 'rename', { oldName: '/db', label: 'x' }),
      exited(2500, 7, 42),
    ];
    expect(missed(history, 5)).to.deep.equal({
      type: 'container',
      action: 'die',
      actorId: ID,
      attributes: new Map([
        ['image', 'busybox'],
        ['label', 'x'],
        ['name', 'web'],
        ['exitCode', '42'],
        ['execDuration', '2'],
      ]),
      scope: 'local',
      timeNano: ms(2500),
      exact: '',
      replayed: false,
      filledIn: true,
    });
  });

  for (const [action, extras] of [
    ['kill', { signal: '9' }],
    ['resize', { height: '1', width: '2' }],
    ['exec_create: sh -c ls', { execID: 'e' }],
    ['exec_die', { execID: 'e', exitCode: '1' }],
    ['commit', { comment: 'c', imageID: 'i', imageRef: 'r' }],
  ] as const) {
    it(`has none of the extra attributes of "${action}"`, () => {
      const { attributes } = missed([...RUN, told(6, action, extras), exited(900, 7)], 5)!;
      expect([...attributes.keys()]).to.have.members(['image', 'name', 'exitCode', 'execDuration']);
    });
  }

  it('keeps a label with the name of an extra attribute', () => {
    const { attributes } = missed([told(1, 'start', { signal: 'green' }), exited(9, 7, 1)], 1)!;
    expect(Object.fromEntries(attributes)).to.deep.equal({
      image: 'busybox',
      name: 'web',
      signal: 'green',
      exitCode: '1',
    });
  });

  it('has the name that the container had at that time', () => {
    const history = [...RUN, exited(9, 7), told(20, 'rename', { name: 'db', oldName: '/web' })];
    expect(missed(history, 4)?.attributes.get('name')).to.equal('web');
  });

  const cases: [what: string, history: readonly Envelope[], place: number, isMissed: boolean][] = [
    [
      'is not filled in if the engine reported it',
      [...RUN, exited(9, 7), told(11, 'die')],
      4,
      false,
    ],
    [
      "is not filled in if the engine's report came first",
      [...RUN, told(11, 'die'), exited(9, 7)],
      5,
      false,
    ],
    [
      "is not filled in if the engine's clock is behind",
      [...RUN, exited(900, 7), told(20, 'die')],
      4,
      false,
    ],
    [
      'is filled in if the reported die is much older',
      [...RUN, told(20, 'die'), exited(2000, 7)],
      5,
      true,
    ],
    [
      'is not filled in for a container without events of the engine',
      [created(2, 7), exited(9, 7)],
      1,
      false,
    ],
    [
      'is filled in if the engine reported only the die of the next run',
      [...RUN, exited(9, 7), created(50, 8), exited(70, 8), told(71, 'die')],
      4,
      true,
    ],
    [
      'is filled in for the next run if the engine reported only the die before',
      [...RUN, exited(9, 7), told(10, 'die'), created(50, 8), exited(70, 8)],
      7,
      true,
    ],
    [
      'is not filled in for runs in quick succession that are all reported',
      [...RUN, exited(9, 7), told(10, 'die'), created(11, 8), exited(12, 8), told(13, 'die')],
      7,
      false,
    ],
    [
      'is not filled in for the second report of an exit',
      [...RUN, exited(9, 7, 42), exited(10, 7, 137), exited(11, 0, 255)],
      5,
      false,
    ],
    [
      'is not filled in for a report without a pid after the exit',
      [...RUN, exited(9, 7, 42), exited(10, 7, 137), exited(11, 0, 255)],
      6,
      false,
    ],
    [
      'is filled in for a report without a pid that is the only one',
      [...RUN, exited(11, 0, 255)],
      4,
      true,
    ],
    [
      'is filled in for a later run with the same pid',
      [...RUN, exited(9, 7), told(10, 'die'), created(50, 7), exited(70, 7)],
      7,
      true,
    ],
    [
      'is not filled in for reports that are repeated from the start',
      [...RUN, exited(9, 7), told(10, 'die'), created(2, 7), exited(9.5, 7)],
      7,
      false,
    ],
  ];
  for (const [what, history, place, isMissed] of cases) {
    it(what, () => {
      expect(missed(history, place) !== undefined).to.equal(isMissed);
    });
  }

  it('is filled in once', () => {
    const history = [...RUN, exited(9, 7, 42)];
    const die = eventEnvelope('moby', missed(history, 4)!);
    expect(missed([...history, die], 4)).to.equal(undefined);
  });
});
