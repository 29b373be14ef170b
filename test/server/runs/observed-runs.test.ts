import { expect } from 'chai';
import type { RunEvent } from '../../../server/runs/run-event.js';
import { isOpen } from '../../../server/runs/run.js';
import { Runs, type RunExit } from '../../../server/runs/runs.js';
import { create, deleted, exit, runsAfter, start, stateOf } from './run-steps.js';

const created: RunEvent = { kind: 'container created' };
const engineStart: RunEvent = { kind: 'engine start' };
const engineDestroy: RunEvent = { kind: 'engine destroy' };
const goesOn = (pid: number): RunEvent => ({ kind: 'goes on', pid });
const engineDie = (status: number): RunEvent => ({ kind: 'engine die', status });
const notStarted = (status?: number): RunEvent => ({ kind: 'not started', status });
const lost = (pid: number): RunEvent => ({
  kind: 'lost',
  pid,
  reason: 'gone',
  lastSeen: undefined,
});

function described(end: (RunEvent & { kind: 'described' })['end']): RunEvent {
  return { kind: 'described', startedAt: 5n, end };
}

/** `lost` besides the states of `stateOf`. */
function newestAfter(...events: RunEvent[]): ReturnType<typeof stateOf> | 'lost' {
  const { newest } = runsAfter(events).runs;
  const isLost = newest?.lost !== undefined && newest.exit === undefined;
  return isLost ? 'lost' : stateOf(newest);
}

describe('the newest run of a container', () => {
  it("ends by its engine's die where containerd is not recorded", () => {
    expect(newestAfter(engineStart)).to.equal('open');
    expect(newestAfter(engineStart, engineDie(7))).to.equal(7);
    expect(newestAfter(engineStart, engineDie(7), engineStart)).to.equal(7);
    expect(newestAfter(engineStart, engineDie(7), { ...engineStart })).to.equal('open');
  });

  it("waits for containerd's exit where that is recorded, whatever the engine says", () => {
    expect(newestAfter(create(1), start(1), engineStart, engineDie(255))).to.equal('open');
    expect(newestAfter(create(1), start(1), engineDie(255), exit(1, 137))).to.equal(137);
    expect(newestAfter(create(1), start(1), engineDestroy)).to.equal('open');
  });

  it("takes the engine's code if containerd never reports the exit", () => {
    expect(newestAfter(create(1), start(1), engineDie(7), engineDestroy)).to.equal(7);
    expect(newestAfter(create(1), start(1), engineDie(7), lost(1))).to.equal(7);
  });

  it("ends by its engine's die if that has the run's code, before containerd reports the exit", () => {
    expect(newestAfter(create(1), start(1), engineStart, engineDie(7))).to.equal(7);
    expect(newestAfter(create(1), start(1), engineStart, engineDie(7), exit(1, 7))).to.equal(7);
    const hiding: RunEvent = { kind: 'engine start', hidesCode: true };
    expect(newestAfter(create(1), start(1), hiding, engineDie(0))).to.equal('open');
    expect(newestAfter(create(1), start(1), hiding, engineDie(0), exit(1, 7))).to.equal(7);
    expect(newestAfter(create(1), start(1), hiding, engineDie(0), lost(1))).to.equal('lost');
  });

  /** Events of a second run that containerd reports before the engine's report of the first. */
  const beginnings: readonly (readonly RunEvent[])[] = [
    [created],
    [created, create(2), start(2)],
    [create(2), start(2)],
    [goesOn(2)],
  ];
  for (const begun of beginnings) {
    const names = begun.map(({ kind }) => kind).join(', ');
    it(`is not ended by the die of the run before, which comes after: ${names}`, () => {
      const runs = new Runs('');
      const add = (event: RunEvent, timestamp: bigint): RunExit | undefined =>
        runs.add(event, { cursor: `#${timestamp}`, timestamp });
      add(create(1), 10n);
      add(start(1), 11n);
      for (const event of begun) add(event, 20n);
      add(engineStart, 12n);
      expect(add(engineDie(3), 13n)?.status).to.equal(3);
      expect(runs.withPid(1)?.exit?.status).to.equal(3);
      expect(stateOf(runs.newest)).to.equal('open');
      add(engineStart, 22n);
      expect(stateOf(runs.newest)).to.equal('open');
      expect(add(engineDie(4), 23n)?.status).to.equal(4);
      expect(stateOf(runs.newest)).to.equal(4);
    });
  }

  it('is lost if the engine says 255, and containerd reports the run but not its exit', () => {
    expect(newestAfter(create(1), start(1), engineDie(255), engineDestroy)).to.equal('lost');
    expect(newestAfter(create(1), start(1), engineDie(255), lost(1))).to.equal('lost');
    expect(newestAfter(create(1), start(1), engineDie(255), lost(1), exit(1, 3))).to.equal(3);
    expect(newestAfter(engineStart, engineDie(255), engineDestroy)).to.equal(255);
  });

  it('is lost if the engine says 255, and containerd reports the container but missed the run', () => {
    expect(newestAfter(created, engineStart, engineDie(255))).to.equal('open');
    expect(newestAfter(created, engineStart, engineDie(255), engineDestroy)).to.equal('lost');
    expect(newestAfter(engineStart, created, engineDie(255), engineDestroy)).to.equal('lost');
    expect(newestAfter(engineStart, created, engineDie(255), exit(1, 137))).to.equal(137);
    expect(newestAfter(created, engineStart, engineDie(7))).to.equal(7);
  });

  it('is a new one as soon as containerd has a new container, although no task is there yet', () => {
    expect(newestAfter(create(1), start(1), exit(1, 3), created)).to.equal('open');
    expect(newestAfter(created, create(1), start(1), exit(1, 3))).to.equal(3);
  });

  it('has the code of a start that failed, or none', () => {
    expect(newestAfter(notStarted(127))).to.equal(127);
    expect(newestAfter(created, deleted)).to.equal('deleted');
    expect(newestAfter(created, deleted, notStarted(127))).to.equal(127);
    expect(newestAfter(create(1), start(1), exit(1, 3), created, deleted)).to.equal('deleted');
    expect(newestAfter(notStarted())).to.equal('deleted');
  });

  it('is the one that its engine described, if it began before the recording', () => {
    const end = { status: 3, exitedAt: 9n };
    expect(newestAfter(described(end))).to.equal(3);
    expect(newestAfter(deleted, described(end))).to.equal(3);
    expect(newestAfter(described('it has not ended'))).to.equal('open');
    expect(newestAfter(described('it has not ended'), engineDie(4))).to.equal(4);
    expect(newestAfter(described({ status: undefined, exitedAt: 9n }))).to.equal('lost');
    expect(newestAfter(create(1), start(1), described(end))).to.equal('open');
    expect(newestAfter({ kind: 'described', startedAt: undefined, end })).to.equal('none');
  });

  it('is lost where nothing else is known, and a later start begins another', () => {
    expect(newestAfter(lost(0))).to.equal('lost');
    expect(newestAfter(created, lost(0))).to.equal('lost');
    expect(newestAfter(created, lost(0), start(5))).to.equal('open');
    expect(newestAfter(created, lost(0), create(5), start(5), exit(5, 7))).to.equal(7);
    expect(newestAfter(create(1), start(1), exit(1, 3), lost(0))).to.equal(3);
  });

  it('is over when its end is lost, and a true exit replaces that', () => {
    expect(newestAfter(create(1), start(1), lost(1))).to.equal('lost');
    expect(newestAfter(create(1), start(1), exit(1, 3), lost(1))).to.equal(3);
    expect(newestAfter(create(1), start(1), lost(1), exit(1, 3))).to.equal(3);
    const { newest } = runsAfter([create(1), start(1), lost(1)]).runs;
    expect(newest !== undefined && isOpen(newest)).to.equal(false);
  });

  it('is the one that a daemon says goes on, also before its start is reported', () => {
    expect(newestAfter(create(1), start(1), exit(1, 3), goesOn(2))).to.equal('open');
    expect(newestAfter(goesOn(2), start(2), exit(2, 5))).to.equal(5);
    expect(newestAfter(create(1), start(1), goesOn(1), exit(1, 3))).to.equal(3);
  });

  it('is over if containerd reports its creation after the engine reported its removal', () => {
    const runs = new Runs('');
    runs.add(engineDestroy, { cursor: '#1', timestamp: 20n });
    runs.add(created, { cursor: '#2', timestamp: 10n });
    expect(stateOf(runs.newest)).to.equal('deleted');
    runs.add(created, { cursor: '#3', timestamp: 30n });
    expect(stateOf(runs.newest)).to.equal('open');
  });
});
