import {
  EndReason,
  GapReason,
  ReadResponse,
  type Gap as GapMessage,
} from '../../../protos/gen/foghorn/v1/history.js';
import type { Gap, SubscriptionMessage } from '../../broker/subscription-message.js';
import { encodeEntryBatch, type EncodedEntry } from '../../../protocol/wire/read-response.js';

interface EntriesMessage {
  readonly kind: 'entries';
  readonly entries: readonly EncodedEntry[];
  readonly keptExits: boolean;
}
interface LargeEntryBatch {
  readonly bytes: WeakRef<Uint8Array>;
  readonly keptExits: boolean;
}
type Sign = Exclude<SubscriptionMessage, { kind: 'entries' }>;
/** A subscription's message, as far as it is encoded: of entries, only their bytes count. */
export type EncodedMessage = EntriesMessage | Sign;

/** Batches stay near this size, except for a single entry that is larger. */
const BATCH_BYTES = 1024 * 1024;
/** Largest total of batches that is remembered. */
const SHARED_BYTES = 2 * BATCH_BYTES;

/**
 * Encodes messages of subscriptions as foghorn.v1.ReadResponse. Readers of the same events are
 * served one after the other, so the batches that were encoded last are remembered for the next
 * reader.
 */
export class ReadResponses {
  /** Batches of single large entries, as long as a reader has them in its stream. */
  readonly #large = new WeakMap<EncodedEntry, LargeEntryBatch>();
  #last: { readonly message: EntriesMessage; readonly batches: readonly Uint8Array[] } | undefined;

  /** The responses are shared, and not to be changed. */
  encode(message: EncodedMessage): readonly Uint8Array[] {
    if (message.kind !== 'entries') return [encodeSign(message)];
    if (this.#last !== undefined && isSame(this.#last.message, message)) return this.#last.batches;
    const { batches, bytes } = this.#encodeBatches(message);
    this.#last = bytes <= SHARED_BYTES ? { message, batches } : undefined;
    return batches;
  }

  #encodeBatches({ entries, keptExits }: EntriesMessage): {
    batches: Uint8Array[];
    bytes: number;
  } {
    const batches: Uint8Array[] = [];
    let from = 0;
    let size = 0;
    let bytes = 0;
    for (const [index, { wireBytes }] of entries.entries()) {
      if (index > from && size + wireBytes > BATCH_BYTES) {
        batches.push(this.#encodeBatch(entries.slice(from, index), keptExits));
        from = index;
        size = 0;
      }
      size += wireBytes;
      bytes += wireBytes;
    }
    batches.push(this.#encodeBatch(from === 0 ? entries : entries.slice(from), keptExits));
    return { batches, bytes };
  }

  #encodeBatch(entries: readonly EncodedEntry[], keptExits: boolean): Uint8Array {
    const [first] = entries;
    if (first === undefined || entries.length > 1 || first.wireBytes <= BATCH_BYTES) {
      return encodeEntryBatch(entries, keptExits);
    }
    const known = this.#large.get(first);
    const bytes = known?.keptExits === keptExits ? known.bytes.deref() : undefined;
    if (bytes !== undefined) return bytes;
    const encoded = encodeEntryBatch(entries, keptExits);
    this.#large.set(first, { bytes: new WeakRef(encoded), keptExits });
    return encoded;
  }
}

/** Compares entries by identity: all subscriptions get the same view of an entry. */
function isSame(one: EntriesMessage, other: EntriesMessage): boolean {
  if (one.entries.length !== other.entries.length || one.keptExits !== other.keptExits)
    return false;
  for (let at = one.entries.length - 1; at >= 0; at--) {
    if (one.entries[at] !== other.entries[at]) return false;
  }
  return true;
}

/** A message without entries. */
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
    case 'gap':
      return { $case: 'gap', value: gapMessage(message) };
  }
}

const END = {
  complete: EndReason.END_REASON_COMPLETE,
  shutdown: EndReason.END_REASON_SHUTDOWN,
  gap: EndReason.END_REASON_GAP,
} as const;

const GAP_REASONS: Record<Gap['reason'], GapReason> = {
  trimmed: GapReason.GAP_REASON_TRIMMED,
  'rolled back': GapReason.GAP_REASON_ROLLED_BACK,
  'store recreated': GapReason.GAP_REASON_STORE_RECREATED,
  damaged: GapReason.GAP_REASON_DAMAGED,
  'not recorded': GapReason.GAP_REASON_NOT_RECORDED,
};

/** A gap as the API has it; also one that was recorded earlier, whose reason is then a text. */
export function gapMessage({
  reason,
  from,
  to,
  lostAtMost,
}: Omit<Gap, 'kind' | 'reason'> & { readonly reason: string }): GapMessage {
  const reasons: Readonly<Record<string, GapReason | undefined>> = GAP_REASONS;
  const known = reasons[reason] ?? GapReason.GAP_REASON_UNSPECIFIED;
  return { reason: known, from, to, lostAtMost: BigInt(lostAtMost) };
}
