import { expect } from 'chai';
import fc from 'fast-check';
import { makeEntry } from '../../../client/read/entry-json.js';
import { decodeReadResponse } from '../../../protocol/wire/read-response.js';
import { EndReason, ReadResponse, type Entry } from '../../../protos/gen/foghorn/v1/history.js';
import { anyCharacter } from '../../support/any-character.js';
import { runs } from '../../support/property-runs.js';

const text = fc.string({ unit: anyCharacter, maxLength: 300 });
const seconds = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const timestamp = fc.record({
  seconds: fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 34n }), seconds),
  nanos: fc.oneof(fc.nat(999_999_999), fc.integer()),
});
const event = fc.record({ typeUrl: text, value: fc.uint8Array({ maxLength: 300 }) });
const entry: fc.Arbitrary<Entry> = fc.record({
  timestamp: fc.option(timestamp, { nil: undefined }),
  namespace: fc.oneof(fc.constantFrom('moby', 'k8s.io'), text),
  topic: fc.oneof(fc.constantFrom('/tasks/start', '/tasks/exits'), text),
  event: fc.option(event, { nil: undefined }),
  cursor: text,
  dockerEvent: fc.option(text, { nil: undefined }),
  trace: fc.option(fc.record({ traceparent: text, tracestate: text }), { nil: undefined }),
});
const batch = fc.record({ entries: fc.array(entry, { maxLength: 20 }), keptExits: fc.boolean() });

function encode(value: ReadResponse): Buffer {
  return Buffer.from(ReadResponse.encode(value).finish());
}

/** The decoded response, or `refused` if the decoder throws. */
function outcome(decode: (bytes: Buffer) => ReadResponse, bytes: Buffer): unknown {
  try {
    return decode(bytes);
  } catch {
    return 'refused';
  }
}

function expectSame(bytes: Buffer): void {
  const expected = outcome((given) => ReadResponse.decode(given), bytes);
  expect(outcome((given) => decodeReadResponse(given, makeEntry), bytes)).deep.equal(expected);
}

describe('decoding a ReadResponse', () => {
  it('returns what the generated decoder returns', () => {
    fc.assert(
      fc.property(batch, (value) => {
        expectSame(encode({ message: { $case: 'entries', value } }));
      }),
      runs(500),
    );
  });

  it('agrees with the generated decoder on messages without entries', () => {
    const cursor = 'abc';
    const reason = EndReason.END_REASON_SHUTDOWN;
    expectSame(encode({ message: { $case: 'progress', value: { cursor } } }));
    expectSame(encode({ message: { $case: 'caughtUp', value: { cursor } } }));
    expectSame(encode({ message: { $case: 'end', value: { reason, cursor } } }));
    expectSame(Buffer.alloc(0));
  });

  it('agrees with the generated decoder on bytes that are cut off, changed or too long', () => {
    const damage = fc.record({ at: fc.nat(), byte: fc.nat(255), more: fc.uint8Array() });
    fc.assert(
      fc.property(batch, damage, (value, { at, byte, more }) => {
        const bytes = encode({ message: { $case: 'entries', value } });
        expectSame(bytes.subarray(0, at % bytes.length));
        expectSame(Buffer.concat([bytes, more]));
        bytes[at % bytes.length] = byte;
        expectSame(bytes);
      }),
      runs(2000),
    );
  });

  it('distinguishes texts of the same length', () => {
    const of = (topic: string, namespace: string): Entry => ({
      ...{ timestamp: undefined, event: undefined, cursor: 'c', dockerEvent: undefined },
      trace: undefined,
      ...{ topic, namespace },
    });
    const entries = [of('/a', 'n'), of('/b', 'n'), of('/b', 'm'), of('/a', 'm'), of('', '')];
    const value = { entries, keptExits: true };
    const decoded = decodeReadResponse(encode({ message: { $case: 'entries', value } }), makeEntry);
    expect(decoded.message).deep.equal({ $case: 'entries', value });
  });
});
