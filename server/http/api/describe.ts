import { formatRfc3339 } from '../../../protocol/rfc3339.js';
import { timestampFromNanos } from '../../../protocol/timestamp.js';
import type { Retention, StoredPosition } from '../../broker/description.js';
import { sendJson } from '../answer.js';
import type { HttpRoute } from '../route.js';
import type { HttpApi } from './api.js';
import { checkNames } from './query.js';

const NANOS_PER_SECOND = 1e9;

/** `/v1/describe`, the extent of the history, and `/v1/readers`, who reads it now. */
export function describeRoutes({ broker, identity }: HttpApi): readonly HttpRoute[] {
  return [
    {
      method: 'GET',
      path: '/v1/describe',
      answer: async ({ response, query, caller }) => {
        checkNames(query, []);
        const described = await broker.describe(caller);
        sendJson(response, {
          store: identity.store,
          durability: described.durability,
          epoch: described.epoch,
          entry_count: described.entryCount,
          stored_bytes: described.storedBytes,
          first: positionJson(described.first),
          last: positionJson(described.last),
          kept_exit_count: described.keptExitCount,
          trimmed_count: described.trimmedCount,
          entry_bytes: described.entryBytes,
          retention: retentionJson(identity.retention),
          subscription_count: described.subscriptionCount,
          version: identity.version,
        });
      },
    },
    {
      method: 'GET',
      path: '/v1/readers',
      answer: async ({ response, query, caller }) => {
        checkNames(query, []);
        const newest = await broker.newest();
        const readers = broker.readers.list(caller).map((reader) => ({
          id: reader.id,
          caller: reader.caller,
          opened_at: timeJson(reader.openedAt),
          state: reader.isLive ? 'live' : 'reading',
          lag: Math.max(0, newest - reader.offset),
        }));
        sendJson(response, { readers });
      },
    },
  ];
}

function positionJson(position: StoredPosition | undefined): object | null {
  if (position === undefined) return null;
  const { offset, cursor, storedAt } = position;
  return { offset, cursor, stored_at: timeJson(storedAt) };
}

function retentionJson({ age, bytes, entries, lastingAge, lastingBytes }: Retention): object {
  return {
    age_seconds: secondsJson(age),
    bytes: bytes ?? null,
    count: entries ?? null,
    exits_age_seconds: secondsJson(lastingAge),
    exits_bytes: lastingBytes ?? null,
  };
}

function secondsJson(nanos: bigint | undefined): number | null {
  return nanos === undefined ? null : Number(nanos) / NANOS_PER_SECOND;
}

/** Returns null for a time outside the years that RFC 3339 can express. */
export function timeJson(nanos: bigint | undefined): string | null {
  if (nanos === undefined) return null;
  return formatRfc3339(timestampFromNanos(nanos), 'nine') ?? null;
}
