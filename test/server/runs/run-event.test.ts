import { expect } from 'chai';
import fc from 'fast-check';
import { TaskDelete, TaskExit } from '../../../protos/gen/containerd/events/task.js';
import { runEvent, type RunEvent } from '../../../server/runs/run-event.js';
import { Container, type Happening } from '../../support/task-events.js';

const c = new Container('c1');
const end = { pid: 7, status: 3, exitedAt: 100_000_000_000n };

const CASES: readonly [string, Happening, RunEvent][] = [
  ['TaskCreate', c.create(7), { kind: 'create', process: '', pid: 7 }],
  ['TaskStart', c.start(7), { kind: 'start', process: '', pid: 7 }],
  ['TaskExecAdded', c.execAdded('e1'), { kind: 'create', process: 'e1', pid: 0 }],
  ['TaskExecStarted', c.execStarted('e1', 8), { kind: 'start', process: 'e1', pid: 8 }],
  ['TaskExit', c.exit(7, 3), { kind: 'exit', process: '', ...end }],
  ['TaskExit without an id', c.exit(7, 3, { id: '' }), { kind: 'exit', process: '', ...end }],
  ['TaskExit of an exec', c.exit(7, 3, { id: 'e1' }), { kind: 'exit', process: 'e1', ...end }],
  ['TaskDelete', c.delete(7, 3), { kind: 'exit', process: '', ...end }],
  ['TaskDelete with an id', c.delete(7, 3, { id: 'c1' }), { kind: 'exit', process: '', ...end }],
  ['TaskDelete of an exec', c.delete(7, 3, { id: 'e1' }), { kind: 'exit', process: 'e1', ...end }],
  ['ContainerDelete', c.removed(), { kind: 'container deleted' }],
];

describe('the run event of a payload', () => {
  for (const [name, { event }, expected] of CASES) {
    it(name, () => {
      expect(runEvent(event)).to.deep.equal(expected);
      const typeUrl = `type.googleapis.com/${event.typeUrl}`;
      expect(runEvent({ ...event, typeUrl })).to.deep.equal(expected);
    });
  }

  for (const [name, exitedAt] of Object.entries({
    'none at all': undefined,
    'the zero time of Go': { seconds: -62_135_596_800n, nanos: 0 },
  })) {
    it(`has no exit time if the report has ${name}`, () => {
      const value = TaskExit.encode(TaskExit.fromPartial({ containerId: 'c1', exitedAt })).finish();
      const event = runEvent({ typeUrl: 'containerd.events.TaskExit', value });
      expect(event).to.have.property('exitedAt', undefined);
    });
  }

  it('is a lost end for the deletion of a task whose end containerd does not know', () => {
    const exitedAt = { seconds: -62_135_596_800n, nanos: 0 };
    const deleted = (fields: Partial<TaskDelete>): RunEvent | undefined => {
      const event = TaskDelete.fromPartial({ containerId: 'c1', pid: 7, exitedAt, ...fields });
      return runEvent({
        typeUrl: 'containerd.events.TaskDelete',
        value: TaskDelete.encode(event).finish(),
      });
    };
    expect(deleted({})).to.include({ kind: 'lost', pid: 7 });
    expect(deleted({ id: 'e1' })).to.equal(undefined);
    expect(deleted({ exitStatus: 3 })).to.include({ kind: 'exit', status: 3 });
  });

  for (const typeUrl of ['', 'foo.Bar', 'containerd.events.TaskOOM', 'toString', '__proto__']) {
    it(`is undefined for type ${JSON.stringify(typeUrl)}`, () => {
      expect(runEvent({ typeUrl, value: c.start(7).event.value })).to.equal(undefined);
    });
  }

  it('is undefined for bytes that cannot be decoded, and never an error', () => {
    const value = c.exit(7, 3).event.value.subarray(0, 5);
    expect(runEvent({ typeUrl: 'containerd.events.TaskExit', value })).to.equal(undefined);
    const names = CASES.map(([, { event }]) => event.typeUrl);
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.uint8Array({ maxLength: 60 }), (typeUrl, bytes) => {
        expect(() => runEvent({ typeUrl, value: bytes })).to.not.throw();
      }),
    );
  });
});
