import { EndReason, GapReason, ReadResponse } from '../../../protos/gen/foghorn/v1/history.js';
import type { Gap, SubscriptionMessage } from '../../broker/subscription-message.js';
import { encodeEntryBatch, type EncodedEntry } from '../../grpc/encode-entry-batch.js';

interface EntriesMessage {
  readonly kind: 'entries';
  readonly entries: readonly EncodedEntry[];
  readonly keptExits: boolean;
}
type Sign = Exclude<SubscriptionMessage, { kind: 'entries' }>;
/** What a subscription says, with nothing left of its entries but their bytes. */
export type EncodedMessage = EntriesMessage | Sign;

/** Batches stay near this size, except for a single entry that is larger. */
const BATCH_BYTES = 1024 * 1024;

/** A subscription's message as encoded foghorn.v1.ReadResponse. */
export function encodeReadResponses(message: EncodedMessage): readonly Uint8Array[] {
  return message.kind === 'entries' ? [...batches(message)] : [encodeSign(message)];
}

function* batches({ entries, keptExits }: EntriesMessage): Iterable<Uint8Array> {
  let from = 0;
  let size = 0;
  for (const [index, { wireBytes }] of entries.entries()) {
    if (index > from && size + wireBytes > BATCH_BYTES) {
      yield encodeEntryBatch(entries.slice(from, index), keptExits);
      from = index;
      size = 0;
    }
    size += wireBytes;
  }
  yield encodeEntryBatch(from === 0 ? entries : entries.slice(from), keptExits);
}

/** Everything that a Read says besides entries. */
function encodeSign(message: Sign): Uint8Array {
  return ReadResponse.encode({ message: signOf(message) }).finish();
}

function signOf(message: Sign): NonNullable<ReadResponse['message']> {
  const { kind } = message;
  switch (kind) {
    case 'progress':
      return { $case: 'progress', value: { cursor: message.cursor } };
    case 'caught up':
      return { $case: 'caughtUp', value: { cursor: message.cursor } };
    case 'end':
      return { $case: 'end', value: { reason: END[message.reason], cursor: message.cursor } };
    case 'gap': {
      const { reason, from, to, lostAtMost } = message;
      const value = { reason: GAP[reason], from, to, lostAtMost: BigInt(lostAtMost) };
      return { $case: 'gap', value };
    }
  }
}

const END = {
  complete: EndReason.END_REASON_COMPLETE,
  shutdown: EndReason.END_REASON_SHUTDOWN,
  gap: EndReason.END_REASON_GAP,
} as const;

const GAP: Record<Gap['reason'], GapReason> = {
  trimmed: GapReason.GAP_REASON_TRIMMED,
  'rolled back': GapReason.GAP_REASON_ROLLED_BACK,
  'store recreated': GapReason.GAP_REASON_STORE_RECREATED,
};
