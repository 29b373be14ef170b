import { expect } from 'chai';
import fc from 'fast-check';
import { makeEntry } from '../../../client/read/entry-json.js';
import {
  CURSOR_FIELD_BYTES,
  CURSOR_LENGTH,
  encodeDockerEvent,
  readEntry,
  writeCursorHead,
} from '../../../protocol/wire/entry.js';
import { encodeEnvelope } from '../../../protocol/wire/envelope.js';
import { withTrace } from '../../../protocol/wire/trace.js';
import { WireReader } from '../../../protocol/wire/reader.js';
import { nanosFromTimestamp } from '../../../protocol/timestamp.js';
import { Entry } from '../../../protos/gen/foghorn/v1/history.js';
import { Any } from '../../../protos/gen/google/protobuf/any.js';
import { anyCharacter } from '../../support/any-character.js';

const text = fc.string({ unit: anyCharacter, maxLength: 200 });
const cursor = fc.base64String({ minLength: CURSOR_LENGTH + 2 }).map((t) => t.slice(0, 26));

describe('foghorn.v1.Entry', () => {
  it('is an envelope, its trace, its cursor and its Docker event, written one after the other', () => {
    const time = fc.bigInt({ min: 0n, max: 2n ** 62n });
    const event = fc.record({ typeUrl: text, value: fc.uint8Array() });
    const trace = fc.option(fc.record({ traceparent: text, tracestate: text }), { nil: undefined });
    const fields = [time, text, text, event, cursor, text, trace] as const;
    fc.assert(
      fc.property(...fields, (time, namespace, topic, ...rest) => {
        const [event, cursor, dockerEvent, trace] = rest;
        const envelope = encodeEnvelope(time, namespace, topic, Any.encode(event).finish());
        const head = Buffer.alloc(CURSOR_FIELD_BYTES);
        head.write(cursor, writeCursorHead(head, 0), 'latin1');
        const bytes = Buffer.concat([
          trace === undefined ? envelope : withTrace(envelope, trace),
          head,
          encodeDockerEvent(dockerEvent),
        ]);
        const { timestamp, ...others } = Entry.decode(bytes);
        expect(timestamp && nanosFromTimestamp(timestamp)).to.equal(time);
        expect({ ...others, event: { ...event, value: [...event.value] } }).to.deep.equal({
          ...{ namespace, topic, cursor, dockerEvent, trace },
          event: { ...event, value: [...event.value] },
        });
        const reader = new WireReader(bytes);
        reader.end = bytes.length;
        expect(readEntry(reader, makeEntry)).to.deep.equal({ timestamp, ...others });
      }),
    );
  });
});
