import { expect } from 'chai';
import type { RunEvent } from '../../../server/runs/run-event.js';
import { Runs } from '../../../server/runs/runs.js';
import { growthBy10 } from '../../support/growth.js';
import { range } from '../../support/history-seed.js';
import { create, deleted, exit, runsAfter, start, stateOf } from './run-steps.js';

type State = ReturnType<typeof stateOf>;

interface RunCase {
  readonly events: readonly RunEvent[];
  readonly newest: State;
  readonly withPid?: Readonly<Record<number, State>>;
  /** Statuses of the exits that ended a run. */
  readonly ended: readonly number[];
}

const created = create(10);
const started = start(10);
const exited = exit(10, 3);
const first = [created, started, exited];

const CASES: Readonly<Record<string, RunCase>> = {
  nothing: { events: [], newest: 'none', withPid: { 10: 'none' }, ended: [] },
  'created only': { events: [created], newest: 'open', withPid: { 10: 'open' }, ended: [] },
  'started only': { events: [started], newest: 'open', withPid: { 10: 'open' }, ended: [] },
  'created and started are one run': { events: [created, started], newest: 'open', ended: [] },
  'created, started, ended': { events: first, newest: 3, withPid: { 10: 3 }, ended: [3] },
  'never started': { events: [created, exit(10, 127)], newest: 127, ended: [127] },

  // One die per run: the first exit is the true one.
  'the exit twice, the same report': { events: [...first, exited], newest: 3, ended: [3] },
  'the exit twice, with another code': { events: [...first, exit(10, 137)], newest: 3, ended: [3] },
  'a clean-up without pid after the exit': {
    events: [...first, exit(0, 255)],
    newest: 3,
    withPid: { 10: 3 },
    ended: [3],
  },
  'a clean-up without pid before the exit': {
    events: [created, started, exit(0, 255), exited],
    newest: 255,
    withPid: { 10: 255 },
    ended: [255],
  },
  'a clean-up with the pid before the exit': {
    events: [created, started, exit(10, 137), exited],
    newest: 137,
    ended: [137],
  },
  'a late exit of the run before, while a new one goes on': {
    events: [...first, create(20), start(20), exit(10, 137)],
    newest: 'open',
    withPid: { 10: 3, 20: 'open' },
    ended: [3],
  },
  'a late first exit of the run before, while a new one goes on': {
    events: [created, started, create(20), start(20), exited],
    newest: 'open',
    withPid: { 10: 3, 20: 'open' },
    ended: [3],
  },
  'late exits of runs whose beginning was not reported, while another one runs': {
    events: [create(20), start(20), exit(8, 1), exit(9, 2), exit(8, 5), exit(20, 4)],
    newest: 4,
    withPid: { 8: 1, 9: 2, 20: 4 },
    ended: [1, 2, 4],
  },
  'a late exit between being created and started': {
    events: [...first, create(20), exit(10, 137), start(20), exit(20, 0)],
    newest: 0,
    withPid: { 10: 3, 20: 0 },
    ended: [3, 0],
  },

  'restarted many times': {
    events: [1, 2, 3, 4, 5].flatMap((pid) => [create(pid), start(pid), exit(pid, pid * 10)]),
    newest: 50,
    withPid: { 1: 10, 2: 20, 3: 30, 4: 40, 5: 50 },
    ended: [10, 20, 30, 40, 50],
  },
  'restarted, and the exit between never reported': {
    events: [created, started, create(20), start(20), exit(20, 4)],
    newest: 4,
    withPid: { 10: 'open', 20: 4 },
    ended: [4],
  },
  'a pid used again': {
    events: [...first, create(10), start(10), exit(10, 7)],
    newest: 7,
    withPid: { 10: 3 },
    ended: [3, 7],
  },
  'a pid used again, and going on': {
    events: [...first, create(10), start(10)],
    newest: 'open',
    withPid: { 10: 3 },
    ended: [3],
  },
  'a pid used again, seen from the start only': {
    events: [...first, start(10)],
    newest: 'open',
    ended: [3],
  },

  // Reports out of order.
  'started after it ended': {
    events: [created, exited, started],
    newest: 3,
    withPid: { 10: 3 },
    ended: [3],
  },
  'created after it was started': {
    events: [started, created, exited],
    newest: 3,
    withPid: { 10: 3 },
    ended: [3],
  },
  'created, without a pid, after it was started': {
    events: [start(10), create(0), exited],
    newest: 3,
    withPid: { 10: 3 },
    ended: [3],
  },
  'created after it was started, and going on': {
    events: [started, created],
    newest: 'open',
    ended: [],
  },
  'created and started twice, the same reports': {
    events: [created, started, created, started, exited, started, created],
    newest: 3,
    ended: [3],
  },
  'created and started once more, long after': {
    events: [...first, create(20), start(20), created, started],
    newest: 'open',
    withPid: { 10: 3, 20: 'open' },
    ended: [3],
  },

  // Beginnings that were not recorded.
  'an exit, and nothing before it': {
    events: [exited],
    newest: 3,
    withPid: { 10: 3 },
    ended: [3],
  },
  'a clean-up without pid, and nothing before it': {
    events: [exit(0, 255)],
    newest: 255,
    ended: [255],
  },
  'an exit without a beginning, then a new run': {
    events: [exited, create(20), start(20)],
    newest: 'open',
    withPid: { 10: 3, 20: 'open' },
    ended: [3],
  },
  'an exit without a beginning, then a new run with its pid': {
    events: [exited, created, started],
    newest: 'open',
    withPid: { 10: 3 },
    ended: [3],
  },
  'a start without a pid': {
    events: [start(0), exited],
    newest: 3,
    withPid: { 10: 3 },
    ended: [3],
  },

  'deleted after its exit': { events: [...first, deleted], newest: 3, ended: [3] },
  'deleted while it goes on': { events: [created, started, deleted], newest: 'deleted', ended: [] },
  'deleted while it goes on, and its exit comes after all': {
    events: [created, started, deleted, exited],
    newest: 3,
    withPid: { 10: 3 },
    ended: [3],
  },
  'deleted while it goes on, and made again': {
    events: [created, started, deleted, create(20), start(20)],
    newest: 'open',
    withPid: { 10: 'deleted', 20: 'open' },
    ended: [],
  },
  'deleted, and nothing else known': { events: [deleted], newest: 'deleted', ended: [] },

  'an exec beside it': {
    events: [created, started, create(0, 'e1'), start(11, 'e1'), exit(11, 9, 'e1')],
    newest: 'open',
    withPid: { 10: 'open', 11: 'none' },
    ended: [],
  },
  'an exec that ends without a pid': {
    events: [created, started, exit(0, 9, 'e1')],
    newest: 'open',
    ended: [],
  },
};

describe('the runs of a container', () => {
  for (const [name, { events, newest, withPid = {}, ended }] of Object.entries(CASES)) {
    it(name, () => {
      const after = runsAfter(events);
      expect(stateOf(after.runs.newest)).to.equal(newest);
      for (const [pid, state] of Object.entries(withPid)) {
        expect(stateOf(after.runs.withPid(Number(pid))), `pid ${pid}`).to.equal(state);
      }
      expect(after.ended.map(({ status }) => status)).to.deep.equal(ended);
    });
  }

  it('keep the cursor and time of the true exit, and the pid that a clean-up did not know', () => {
    const { runs } = runsAfter([created, started, exit(0, 255), exit(10, 3)]);
    expect(runs.newest?.exit).to.deep.equal({
      status: 255,
      exitedAt: 1255n,
      pid: 10,
      cursor: '#2',
    });
  });

  it('use the time of the report for an exit without a time', () => {
    const { runs } = runsAfter([created, { ...exited, exitedAt: undefined }]);
    expect(runs.newest?.exit?.exitedAt).to.equal(1n);
  });

  it('keep the times of creation and start', () => {
    const { runs } = runsAfter([deleted, created, started]);
    expect(runs.newest).to.include({ pid: 10, createdAt: 1n, startedAt: 2n });
  });
});

describe('the runs of an exec', () => {
  const EXEC_CASES: Readonly<Record<string, RunCase>> = {
    'are distinguished by its id alone': {
      events: [created, started, create(0, 'e1'), start(11, 'e1'), exit(11, 9, 'e1'), exited],
      newest: 9,
      withPid: { 10: 'none', 11: 9 },
      ended: [9],
    },
    'are not those of another exec': {
      events: [
        create(0, 'e1'),
        start(11, 'e1'),
        create(0, 'e2'),
        start(12, 'e2'),
        exit(12, 5, 'e2'),
      ],
      newest: 'open',
      ended: [],
    },
    'are several when the id is used again': {
      events: [11, 12, 13].flatMap((pid) => [
        create(0, 'e1'),
        start(pid, 'e1'),
        exit(pid, pid, 'e1'),
      ]),
      newest: 13,
      withPid: { 11: 11, 12: 12, 13: 13 },
      ended: [11, 12, 13],
    },
    'keep the first exit when one comes late': {
      events: [
        ...[create(0, 'e1'), start(11, 'e1'), exit(11, 1, 'e1')],
        ...[create(0, 'e1'), start(12, 'e1'), exit(11, 137, 'e1')],
      ],
      newest: 'open',
      withPid: { 11: 1, 12: 'open' },
      ended: [1],
    },
    'end that could not be started': {
      events: [create(0, 'e1'), exit(0, 126, 'e1')],
      newest: 126,
      ended: [126],
    },
    'were never reported to end when the container is deleted': {
      events: [create(0, 'e1'), start(11, 'e1'), deleted],
      newest: 'deleted',
      ended: [],
    },
  };
  for (const [name, { events, newest, withPid = {}, ended }] of Object.entries(EXEC_CASES)) {
    it(name, () => {
      const after = runsAfter(events, 'e1');
      expect(stateOf(after.runs.newest)).to.equal(newest);
      for (const [pid, state] of Object.entries(withPid)) {
        expect(stateOf(after.runs.withPid(Number(pid))), `pid ${pid}`).to.equal(state);
      }
      expect(after.ended.map(({ status }) => status)).to.deep.equal(ended);
    });
  }
});

describe('the runs of a container that is started again and again', () => {
  it('take time in proportion to their number', () => {
    const fold = (runs: number) => () => {
      const folded = new Runs('');
      for (const pid of range(1, runs)) {
        for (const event of [create(pid), start(pid), exit(pid, 0)]) {
          folded.add(event, { cursor: '', timestamp: BigInt(pid) });
        }
        folded.withPid(runs);
      }
    };
    expect(growthBy10(3000, fold)).to.be.below(12);
  });
});
