import {
  Durability,
  type DescribeResponse,
  type Retention as RetentionMessage,
} from '../../../protos/gen/foghorn/v1/history.js';
import { durationFromNanos, timestampFromNanos } from '../../../protocol/timestamp.js';
import type { Description, StoredPosition, Retention } from '../../broker/description.js';

/** Answers of Describe that are not about the history. */
export interface ServerIdentity {
  readonly version: string;
  /** Store URL without credentials. */
  readonly store: string;
  readonly retention: Retention;
}

const DURABILITY = {
  memory: Durability.DURABILITY_MEMORY,
  os: Durability.DURABILITY_OS,
  second: Durability.DURABILITY_SECOND,
  fsync: Durability.DURABILITY_FSYNC,
} as const;

export function describeResponse(
  description: Description,
  { version, store, retention }: ServerIdentity,
): DescribeResponse {
  const { epoch, first, last, durability, subscriptionCount } = description;
  return {
    epoch,
    first: first && positionMessage(first),
    last: last && positionMessage(last),
    entryCount: BigInt(description.entryCount),
    storedBytes: BigInt(description.storedBytes),
    durability: DURABILITY[durability],
    subscriptionCount,
    version,
    store,
    keptExitCount: BigInt(description.keptExitCount),
    trimmedCount: BigInt(description.trimmedCount),
    entryBytes: BigInt(description.entryBytes),
    retention: retentionMessage(retention),
  };
}

function positionMessage({ cursor, offset, storedAt }: StoredPosition) {
  return { cursor, offset: BigInt(offset), storedAt: timestampFromNanos(storedAt) };
}

function retentionMessage(retention: Retention): RetentionMessage {
  const { age, bytes, entries, lastingAge, lastingBytes } = retention;
  return {
    age: age === undefined ? undefined : durationFromNanos(age),
    bytes: bytes === undefined ? undefined : BigInt(bytes),
    count: entries === undefined ? undefined : BigInt(entries),
    exitsAge: lastingAge === undefined ? undefined : durationFromNanos(lastingAge),
    exitsBytes: lastingBytes === undefined ? undefined : BigInt(lastingBytes),
  };
}
