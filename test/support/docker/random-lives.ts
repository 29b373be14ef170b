import fc from 'fast-check';
import type { Envelope } from '../../../protos/gen/containerd/types/event.js';
import { Container, envelopeOf, type Happening } from '../task-events.js';
import { recorded, recordingBegun } from './recorded-events.js';

/** Container ids; one is complete, as dockerd assigns them. */
export const IDS = ['c1', 'c2', 'c10', 'c0ffee'.repeat(11).slice(0, 64)] as const;

/** Reports about a container; numbers name runs and exit codes. */
interface Step {
  readonly id: string;
  readonly pid: number;
  readonly code: number;
}

const CONTAINERD: Readonly<Record<string, (one: Container, step: Step) => Happening>> = {
  made: (one) => one.made(),
  changed: (one) => one.changed(),
  create: (one, { pid }) => one.create(pid),
  start: (one, { pid }) => one.start(pid),
  exit: (one, { pid, code }) => one.exit(pid, code),
  'exit without a pid': (one, { code }) => one.exit(0, code),
  delete: (one, { pid, code }) => one.delete(pid, code),
  paused: (one) => one.paused(),
  resumed: (one) => one.resumed(),
  oom: (one) => one.oom(),
  'exec added': (one) => one.execAdded('e1'),
  'exec started': (one, { pid }) => one.execStarted('e1', 50 + pid),
  'exec exit': (one, { pid, code }) => one.exit(50 + pid, code, { id: 'e1' }),
  checkpointed: (one) => one.checkpointed(),
  removed: (one) => one.removed(),
};

const step: fc.Arbitrary<Step> = fc.record({
  id: fc.constantFrom(...IDS),
  pid: fc.integer({ min: 1, max: 3 }),
  code: fc.integer({ min: 0, max: 3 }),
});

const containerds = fc.tuple(fc.constantFrom(...Object.keys(CONTAINERD)), step).map(
  ([what, report]) =>
    () =>
      envelopeOf(CONTAINERD[what]!(new Container(report.id), report)),
);

const ACTIONS = ['create', 'start', 'die', 'destroy', 'rename', 'pause', 'exec_start: ls', 'kill'];

const engines = fc
  .tuple(fc.constantFrom(...ACTIONS), step, fc.boolean(), fc.boolean())
  .map(([action, { id, pid, code }, replayed, filledIn]) => () => {
    const attributes = new Map([
      ['exitCode', String(code)],
      ['name', `name-${pid}`],
    ]);
    // Engines report exits a little later than containerd does; here, a hundred seconds after 1970.
    const timeNano = 100_000_000_000n + BigInt(pid);
    return recorded({ action, actorId: id, attributes, replayed, filledIn, timeNano });
  });

/** Reports of containerd, in any order, sensible or not. */
export const anyLives: fc.Arbitrary<Envelope[]> = fc
  .array(containerds, { maxLength: 60 })
  .map((makers) => makers.map((make) => make()));

/** The same with an engine, whose recording may begin at any time. */
export const anyRecordedLives: fc.Arbitrary<Envelope[]> = fc
  .array(
    fc.oneof(
      { weight: 10, arbitrary: containerds },
      { weight: 8, arbitrary: engines },
      { weight: 1, arbitrary: fc.constant(() => recordingBegun()) },
    ),
    { maxLength: 60 },
  )
  .map((makers) => makers.map((make) => make()));
