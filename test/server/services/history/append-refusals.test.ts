import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { expect } from 'chai';
import { AppendRequest, type NewEvent } from '../../../../protos/gen/foghorn/v1/history.js';
import { Envelope } from '../../../../protos/gen/containerd/types/event.js';
import { parseCursor } from '../../../../server/events/cursor.js';
import { appended, forwarding, publishing, refused } from '../../../support/append-probe.js';
import { exitEnvelope } from '../../../support/envelopes.js';
import { range } from '../../../support/history-seed.js';
import { TestServer } from '../../../support/test-server.js';

const { LengthDelimited } = WireType;
const MEBIBYTE = 1024 * 1024;

function forwards(first: number, last: number): NewEvent[] {
  return range(first, last).map((n) => forwarding(exitEnvelope(n)));
}

function bytesOf(event: NewEvent): Uint8Array {
  return AppendRequest.encode({ events: [event] }).finish();
}

/** An AppendRequest that forwards an envelope with these bytes for its payload. */
function forwardingPayload(payload: Uint8Array): Uint8Array {
  const nested = (field: number, bytes: Uint8Array): Uint8Array =>
    new BinaryWriter().tag(field, LengthDelimited).bytes(bytes).finish();
  const envelope = Envelope.encode(exitEnvelope(1, { event: undefined }));
  return nested(1, nested(2, envelope.tag(4, LengthDelimited).bytes(payload).finish()));
}

interface Refusal {
  readonly bytes: Uint8Array;
  readonly code: number;
  readonly text: string | RegExp;
}

const REFUSALS: Readonly<Record<string, Refusal>> = {
  'a publication without a namespace': {
    bytes: bytesOf(publishing({})),
    code: 9,
    text: 'failed publishing event: namespace is required: failed precondition',
  },
  'a bad topic': {
    bytes: bytesOf(publishing({ namespace: 'default', topic: 'x' })),
    code: 3,
    text: 'envelope topic "x": must start with \'/\': invalid argument',
  },
  'a bad namespace': {
    bytes: bytesOf(forwarding(exitEnvelope(1, { namespace: 'a b' }))),
    code: 3,
    text: /^event envelope has invalid namespace: identifier "a b" must match /,
  },
  'no time': {
    bytes: bytesOf(forwarding(exitEnvelope(1, { timestamp: undefined }))),
    code: 3,
    text: 'timestamp must be set on forwarded event: invalid argument',
  },
  'a payload that is no Any': {
    bytes: forwardingPayload(Buffer.from('0a0561', 'hex')),
    code: 3,
    text: /^the payload is no google.protobuf.Any: /,
  },
  'a payload whose type is no UTF-8': {
    bytes: forwardingPayload(Buffer.from('0a02c328', 'hex')),
    code: 3,
    text: /^the payload is no google.protobuf.Any: /,
  },
  'a publish id too long': {
    bytes: bytesOf(publishing({ namespace: 'default', publishId: 'é'.repeat(33) })),
    code: 3,
    text: 'publish id: expected at most 64 bytes without NUL, got 66',
  },
  'a publish id with a NUL': {
    bytes: bytesOf(publishing({ namespace: 'default', publishId: 'a\0b' })),
    code: 3,
    text: 'publish id: expected at most 64 bytes without NUL, got 3',
  },
  nothing: {
    // One empty event.
    bytes: Buffer.from('0a00', 'hex'),
    code: 3,
    text: 'expected an event to publish or an envelope to forward',
  },
};

describe('an invalid event among others in one message', () => {
  let server: TestServer;

  beforeEach(async () => {
    server = await TestServer.start();
  });
  afterEach(() => server.stop());

  for (const [name, { bytes, code, text }] of Object.entries(REFUSALS)) {
    it(`${name}: only this event is refused`, async () => {
      const append = server.client().append();
      const few = (first: number, last: number): Uint8Array =>
        AppendRequest.encode({ events: forwards(first, last) }).finish();
      // Messages put together are one message with the events of all.
      append.sendBytes(Buffer.concat([few(1, 2), bytes, few(3, 4)]));
      append.send(forwards(5, 5));
      const [results, next] = await append.answers(2);
      const good = [...results!.slice(0, 2), ...results!.slice(3), ...next!];
      const offsets = good.map((each) => parseCursor(appended(each).cursor).offset);
      expect(offsets).to.deep.equal(range(1, 5));
      const refusal = refused(results![2]);
      expect(refusal.code).to.equal(code);
      if (typeof text === 'string') expect(refusal.message).to.equal(text);
      else expect(refusal.message).to.match(text);
    });
  }

  it('one too large to be delivered: only this event is refused', async () => {
    // Together with its namespace it is larger than in the message.
    const append = server.client().append({ 'containerd-namespace': 'n'.repeat(76) });
    const event = { typeUrl: 'x', value: Buffer.alloc(16 * MEBIBYTE - 100) };
    const small = publishing({});
    append.send([small, publishing({ event }), small]);
    const [results] = await append.answers(1);
    const { code, message } = refused(results![1]);
    expect(code).to.equal(3);
    expect(message).to.match(
      /^event too large: its envelope has \d+ bytes, the limit is 16777152$/,
    );
    const cursors = [results![0], results![2]].map((each) => appended(each).cursor);
    expect(cursors.map((cursor) => parseCursor(cursor).offset)).to.deep.equal([1, 2]);
  });

  it('more than the limit of a message: only this stream fails', async () => {
    const client = server.client();
    const [append, other] = [client.append(), client.append()];
    other.send(forwards(1, 1));
    await other.answers(1);
    append.sendBytes(Buffer.alloc(2 * 65_537, Buffer.from('0a00', 'hex')));
    append.send(forwards(2, 2));
    const { code, details } = await append.status;
    expect(code).to.equal(3);
    expect(details).to.equal('expected at most 65536 events in a message, got 65537');
    other.send(forwards(3, 3));
    await other.answers(2);
    expect((await client.describe()).entryCount).to.equal(2n);
  });

  it('as many as the limit of a message: each is refused', async () => {
    const append = server.client().append();
    append.sendBytes(Buffer.alloc(2 * 65_536, Buffer.from('0a00', 'hex')));
    const [results] = await append.answers(1);
    expect(results).to.have.lengthOf(65_536);
    expect(refused(results!.at(-1)).code).to.equal(3);
  });

  it('all of them: each is refused, and none is stored', async () => {
    const client = server.client();
    const append = client.append();
    append.send([publishing({}), publishing({ topic: '' }), publishing({})]);
    const [results] = await append.answers(1);
    expect(results!.map((each) => refused(each).code)).to.deep.equal([9, 9, 9]);
    expect((await client.describe()).entryCount).to.equal(0n);
  });
});
