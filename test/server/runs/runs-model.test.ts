import { expect } from 'chai';
import fc from 'fast-check';
import type { RunEvent } from '../../../server/runs/run-event.js';
import { create, exit, runsAfter, start } from './run-steps.js';
import { runs } from '../../support/property-runs.js';

/**
 * A run as its monitor reports it. Delays are in hundredths of the time from one run's beginning to
 * the next one's.
 */
interface Plan {
  readonly start: number;
  readonly exit: number;
  /** Delay of duplicates of the reports. */
  readonly createAgain: readonly number[];
  readonly startAgain: readonly number[];
  /** Delays of reports of the exit by others. */
  readonly otherExits: readonly number[];
}

const delay = fc.integer({ min: 1, max: 350 });
const delays = fc.array(delay, { maxLength: 2 });
const plans: fc.Arbitrary<Plan[]> = fc.array(
  fc.record({
    start: delay,
    exit: delay,
    createAgain: delays,
    startAgain: delays,
    otherExits: delays,
  }),
  { minLength: 1, maxLength: 6 },
);

/** The reports of runs that begin one after the other, with pids 1, 2, 3, … */
function eventsOf(all: readonly Plan[]): RunEvent[] {
  const timed = all.flatMap((plan, at) => {
    const pid = at + 1;
    const [created, started] = [create(pid), start(pid)];
    const reports: [RunEvent, number][] = [
      [created, 0],
      [started, plan.start],
      [exit(pid, pid * 10), plan.exit],
      ...plan.createAgain.map((later): [RunEvent, number] => [created, later]),
      ...plan.startAgain.map((later): [RunEvent, number] => [started, later]),
      ...plan.otherExits.map((later, i): [RunEvent, number] => [
        exit(pid, pid * 10 + i + 1),
        later,
      ]),
    ];
    return reports.map(([event, later]) => ({ event, time: at * 100 + later }));
  });
  return timed.sort((a, b) => a.time - b.time).map(({ event }) => event);
}

function firstExit(events: readonly RunEvent[], pid: number): number | undefined {
  for (const event of events) if (event.kind === 'exit' && event.pid === pid) return event.status;
  return undefined;
}

describe('the runs of a container, with late and duplicate reports', () => {
  it('end each with the first exit reported for its pid, and the newest is the last that began', () => {
    fc.assert(
      fc.property(plans, (all) => {
        const events = eventsOf(all);
        const { runs, ended } = runsAfter(events);
        for (const [at] of all.entries()) {
          const run = runs.withPid(at + 1);
          expect(run?.exit?.status).to.equal(firstExit(events, at + 1));
        }
        expect(runs.newest?.pid).to.equal(all.length);
        expect(ended).to.have.lengthOf(all.length);
      }),
      runs(500),
    );
  });

  it('do so after every single event, and from any later start', () => {
    fc.assert(
      fc.property(plans, fc.nat(), fc.nat(), (all, from, length) => {
        const whole = eventsOf(all);
        const first = from % whole.length;
        const events = whole.slice(first, first + 1 + (length % whole.length));
        const { runs } = runsAfter(events);
        for (const [at] of all.entries()) {
          const run = runs.withPid(at + 1);
          expect(run?.exit?.status).to.equal(firstExit(events, at + 1));
        }
      }),
      runs(500),
    );
  });
});
