import { expect } from 'chai';
import fc from 'fast-check';
import { FoghornError } from '../../../client/index.js';
import { encodeEvents } from '../../../client/publish/event-frames.js';
import { AppendRequest } from '../../../protos/gen/foghorn/v1/history.js';
import type { NewEvent } from '../../../protos/gen/foghorn/v1/history.js';
import { anyCharacter } from '../../support/any-character.js';
import { forwarding, publishing } from '../../support/append-probe.js';
import { exitEnvelope } from '../../support/envelopes.js';
import { runs } from '../../support/property-runs.js';

function expectSame(events: NewEvent[]): void {
  const expected = AppendRequest.encode({ events }).finish();
  const encoded = encodeEvents(events);
  // Hex only shows a difference: it costs more than all the rest for payloads of 2 MiB.
  if (encoded.equals(expected)) return;
  expect(encoded.toString('hex')).equal(Buffer.from(expected).toString('hex'));
}

describe('encoding events', () => {
  const ascii = fc.string({ maxLength: 200 });
  const text = fc.oneof({ weight: 4, arbitrary: ascii }, fc.string({ unit: anyCharacter }));
  const event = fc.option(fc.record({ typeUrl: text, value: fc.uint8Array({ maxLength: 400 }) }), {
    nil: undefined,
  });
  const publication = fc
    .record({ namespace: text, topic: text, event, publishId: text })
    .map(publishing);
  const forward = fc.nat(9).map((n) => forwarding(exitEnvelope(n)));

  it('produces the same bytes as the generated encoder', () => {
    fc.assert(fc.property(fc.array(fc.oneof(publication, forward)), expectSame), runs(1000));
  });

  it('produces the same bytes where a length needs another byte', () => {
    for (const edge of [0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152]) {
      for (const length of Array.from({ length: 60 }, (_, less) => edge - less)) {
        if (length < 0) continue;
        expectSame([publishing({ event: { typeUrl: 'x', value: Buffer.alloc(length) } })]);
      }
      expectSame([publishing({ topic: '/'.padEnd(edge, 'x') })]);
    }
  });

  it('leaves out the trace of an event that is too large with it', () => {
    const trace = { traceparent: 'p', tracestate: 's'.repeat(400) };
    const value = Buffer.alloc(16 * 1024 * 1024 - 200);
    const event = { typeUrl: 'x', value };
    const plain = { namespace: 'n', topic: '/t', event };
    expectSame([publishing(plain)]);
    const traced = encodeEvents([publishing({ ...plain, trace })]);
    expect(traced.equals(encodeEvents([publishing(plain)]))).equal(true);
    const timestamp = { seconds: 1n, nanos: 0 };
    const forwarded = { ...plain, timestamp };
    const bytes = encodeEvents([forwarding({ ...forwarded, trace } as never)]);
    expect(bytes.equals(encodeEvents([forwarding(forwarded)]))).equal(true);
  });

  const WRONG: Readonly<Record<string, object>> = {
    'text for a payload': { typeUrl: 'x', value: 'text' },
    'nothing for a payload': { typeUrl: 'x' },
    'null for an event': null as unknown as object,
  };
  for (const [what, wrong] of Object.entries(WRONG)) {
    it(`refuses ${what}`, () => {
      const events = [publishing({ event: wrong as never })];
      expect(() => encodeEvents(events))
        .to.throw(FoghornError, 'the event cannot be encoded: ')
        .with.property('code', 'INVALID_ARGUMENT');
    });
  }
});
