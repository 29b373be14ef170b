import type { Broker } from '../broker/broker.js';
import type { Description, Retention } from '../broker/description.js';

const NANOS_PER_SECOND = 1e9;
const DAY = 24n * 3600n * 1_000_000_000n;

/**
 * Returns the seconds until `retention.bytes` is reached at the rate of the last day, or of the
 * whole history if that is younger. Undefined without such a limit, and while nothing is stored.
 *
 * @param now ns since 1970
 */
export async function headroomSeconds(
  broker: Broker,
  described: Description | undefined,
  retention: Retention,
  now: bigint,
): Promise<number | undefined> {
  if (described === undefined || retention.bytes === undefined) return undefined;
  const { entryBytes } = described;
  const rate = await bytesPerSecond(broker, described, now);
  return rate > 0 ? Math.max(0, retention.bytes - entryBytes) / rate : undefined;
}

async function bytesPerSecond(
  broker: Broker,
  { first, last, entryBytes, entryCount }: Description,
  now: bigint,
): Promise<number> {
  if (first === undefined || last === undefined) return 0;
  const dayAgo = now - DAY;
  if (first.storedAt > dayAgo) {
    const seconds = Number(last.storedAt - first.storedAt) / NANOS_PER_SECOND;
    return seconds > 0 ? entryBytes / seconds : 0;
  }
  const before = await broker.positionOf({ kind: 'since', time: dayAgo });
  const entries = Math.max(0, last.offset - Math.max(before.offset, first.offset - 1));
  return (entries * (entryBytes / entryCount)) / (Number(DAY) / NANOS_PER_SECOND);
}
