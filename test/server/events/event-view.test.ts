import { expect } from 'chai';
import { Entry } from '../../../protos/gen/foghorn/v1/history.js';
import { Envelope } from '../../../protos/gen/containerd/types/event.js';
import { PayloadTypes } from '../../../protocol/payload-types.js';
import { CursorWriter, parseCursor } from '../../../server/events/cursor.js';
import { EventView } from '../../../server/events/event-view.js';
import { exitEnvelope } from '../../support/envelopes.js';

const cursors = new CursorWriter('0123456789abcdef');
const types = PayloadTypes.load([]);

function viewOf(envelope: Envelope, offset = 42): EventView {
  const bytes = Envelope.encode(envelope).finish();
  return new EventView({ offset, storedAt: 99n, fingerprint: 7, envelope: bytes }, cursors, types);
}

describe('the view of an event', () => {
  it('has a position, time, names and container', () => {
    const timestamp = { seconds: 1_700_000_000n, nanos: 5 };
    const view = viewOf(exitEnvelope(13, { namespace: 'moby', timestamp }));
    expect(view.offset).to.equal(42);
    expect(view.storedAt).to.equal(99n);
    expect(view.timestamp).to.equal(1_700_000_000_000_000_005n);
    expect(view.namespace).to.equal('moby');
    expect(view.container).to.equal('c3');
    const { offset, fingerprint } = parseCursor(view.cursor);
    expect({ offset, fingerprint }).to.deep.equal({ offset: 42, fingerprint: 7 });
  });

  it('encodes the stored bytes and the cursor once', () => {
    const envelope = exitEnvelope(13);
    const view = viewOf(envelope);
    const stored = Buffer.from(Envelope.encode(envelope).finish());
    expect(view.wire.subarray(0, stored.length)).to.deep.equal(stored);
    const entry = { ...envelope, cursor: view.cursor, dockerEvent: undefined, trace: undefined };
    expect(Entry.decode(view.wire)).to.deep.equal(entry);
    // Clients of containerd do not know the cursor, and have to ignore it.
    expect(Envelope.decode(view.wire)).to.deep.equal(envelope);
    expect(view.wire).to.equal(view.wire);
  });

  it('writes the same bytes as the generated encoder', () => {
    const envelope = exitEnvelope(13);
    const view = viewOf(envelope);
    const entry = Entry.fromPartial({ ...envelope, cursor: view.cursor });
    const expected = Buffer.from(Entry.encode(entry).finish());
    for (let time = 1; time <= 2; time++) {
      const target = Buffer.alloc(view.wireBytes + 10);
      view.writeWire(target, 5);
      expect(target.subarray(5, -5)).to.deep.equal(expected);
      expect(view.wire).to.deep.equal(expected);
    }
  });

  const FIELDS: readonly [string, string | undefined][] = [
    ['namespace', 'default'],
    ['namespace.more', 'default'],
    ['topic', '/tasks/exit'],
    ['topic.more', '/tasks/exit'],
    ['event.container_id', 'c3'],
    ['event.id', 'c3'],
    ['event.pid', '13'],
    ['event.exit_status', '13'],
    ['event', undefined],
    ['event.nosuch', undefined],
    ['event.exited_at', undefined],
    ['timestamp', undefined],
    ['nosuch', undefined],
    ['', undefined],
  ];
  for (const [path, expected] of FIELDS) {
    it(`shows filters ${path || 'no path'} as ${JSON.stringify(expected)}`, () => {
      expect(viewOf(exitEnvelope(13)).field(path.split('.'))).to.equal(expected);
    });
  }

  it('shows no empty namespace or topic', () => {
    const view = viewOf(exitEnvelope(13, { namespace: '', topic: '' }));
    expect(view.field(['namespace'])).to.equal(undefined);
    expect(view.field(['topic'])).to.equal(undefined);
  });

  for (const [name, event] of Object.entries({
    absent: undefined,
    unknown: { typeUrl: 'foo.Bar', value: Buffer.from('0a026331', 'hex') },
    garbage: { typeUrl: 'containerd.events.TaskExit', value: Buffer.from('ffff', 'hex') },
  })) {
    it(`of an event that is ${name} has no fields, and is decoded once`, () => {
      const view = viewOf(exitEnvelope(13, { event }));
      for (let i = 0; i < 2; i++) {
        expect(view.field(['event', 'container_id'])).to.equal(undefined);
        expect(view.container).to.equal(undefined);
        expect(view.field(['topic'])).to.equal('/tasks/exit');
      }
    });
  }

  it('has its payload as it was published', () => {
    const { event } = exitEnvelope(13);
    const { typeUrl, value } = viewOf(exitEnvelope(13)).payload!;
    expect(typeUrl).to.equal(event!.typeUrl);
    expect(Buffer.from(value)).to.deep.equal(Buffer.from(event!.value));
    expect(viewOf(exitEnvelope(13, { event: undefined })).payload).to.equal(undefined);
  });

  it('has no payload when its bytes are not an Any', () => {
    const envelope = Buffer.concat([
      Envelope.encode(exitEnvelope(13, { event: undefined })).finish(),
      // Field 4, in which a field is cut off.
      Buffer.from('22030a0561', 'hex'),
    ]);
    const entry = { offset: 1, storedAt: 1n, fingerprint: 0, envelope };
    const view = new EventView(entry, cursors, types);
    expect(view.payload).to.equal(undefined);
    expect(view.field(['topic'])).to.equal('/tasks/exit');
  });

  it('has time zero without a timestamp in the envelope', () => {
    expect(viewOf(exitEnvelope(13, { timestamp: undefined })).timestamp).to.equal(0n);
  });
});
