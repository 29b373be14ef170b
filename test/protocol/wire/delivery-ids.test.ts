import { expect } from 'chai';
import fc from 'fast-check';
import { decodeAcks, encodeAnswered } from '../../../protocol/wire/delivery-ids.js';
import { ConsumeRequest, ConsumeResponse } from '../../../protos/gen/foghorn/v1/consumers.js';

const ids = fc.array(
  fc.record({
    id: fc.oneof(fc.integer({ min: 1, max: 2 ** 47 }), fc.integer({ min: -(2 ** 40), max: -1 })),
    attempt: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
  }),
);

function messageOf({ id, attempt }: { id: number; attempt: number }): {
  event: bigint;
  attempt: number;
} {
  return { event: BigInt(id), attempt };
}

function encodedAcks(acks: readonly { id: number; attempt: number }[]): Uint8Array {
  const value = { ack: acks.map(messageOf), nack: [], inProgress: [] };
  return ConsumeRequest.encode({ message: { $case: 'answers', value } }).finish();
}

describe('ids of deliveries on the wire', () => {
  it('are decoded from acknowledgements as the generated code encodes them', () => {
    fc.assert(
      fc.property(ids, (acks) => {
        expect(decodeAcks(encodedAcks(acks))).deep.equal(acks);
      }),
    );
  });

  it('are encoded as the generated code decodes them', () => {
    fc.assert(
      fc.property(ids, ids, (stored, lost) => {
        const value = { stored: stored.map(messageOf), lost: lost.map(messageOf) };
        const message = { $case: 'answered' as const, value };
        expect(ConsumeResponse.decode(encodeAnswered(stored, lost))).deep.equal({ message });
      }),
    );
  });

  it('are left to the generated code in any other request', () => {
    const failed = { id: messageOf({ id: 1, attempt: 1 }), delay: undefined, reason: 'no' };
    const nack = [{ ...failed, terminate: false }];
    const inProgress = [messageOf({ id: 1, attempt: 1 })];
    for (const message of [
      { $case: 'credit' as const, value: 7 },
      { $case: 'leave' as const, value: {} },
      { $case: 'answers' as const, value: { ack: inProgress, nack, inProgress: [] } },
      { $case: 'answers' as const, value: { ack: inProgress, nack: [], inProgress } },
    ]) {
      expect(decodeAcks(ConsumeRequest.encode({ message }).finish())).equal(undefined);
    }
    const bytes = encodedAcks([{ id: 300, attempt: 1 }]);
    for (let length = 0; length < bytes.length; length++) {
      expect(decodeAcks(bytes.subarray(0, length))).equal(undefined);
    }
  });
});
