import { Durability } from '../../../client/index.js';
import type { DescribeResponse, Position } from '../../../client/index.js';
import { DURABILITY_MEANING } from '../../../protocol/durability.js';
import { formatRfc3339 } from '../../../protocol/rfc3339.js';
import { sizeText } from '../../format/size.js';
import { budgetText, retentionJson, retentionText } from './retention-text.js';

const DURABILITY: Partial<Record<Durability, keyof typeof DURABILITY_MEANING>> = {
  [Durability.DURABILITY_MEMORY]: 'memory',
  [Durability.DURABILITY_OS]: 'os',
  [Durability.DURABILITY_SECOND]: 'second',
  [Durability.DURABILITY_FSYNC]: 'fsync',
};

/** Formats the description as aligned lines for people. */
export function describeTable(description: DescribeResponse): string {
  const rows = [
    ['Store', description.store],
    ['Durability', durabilityText(description.durability)],
    ['Epoch', description.epoch],
    ['Entries', countText(description.entryCount)],
    ['Size', sizeText(description.storedBytes)],
    ['First', positionText(description.first)],
    ['Last', positionText(description.last)],
    ['Kept exits', `${countText(description.keptExitCount)} older than the first event`],
    ['Trimmed', countText(description.trimmedCount)],
    ['Budget', budgetText(description)],
    ['Retention', retentionText(description.retention)],
    ['Subscriptions', String(description.subscriptionCount)],
    ['Version', description.version],
  ] as const;
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  return rows.map(([name, value]) => name.padEnd(width) + value).join('\n');
}

/** Formats the description as one line of JSON; times in RFC 3339, null for absent values. */
export function describeJson(description: DescribeResponse): string {
  return JSON.stringify({
    store: description.store,
    durability: DURABILITY[description.durability] ?? 'unknown',
    epoch: description.epoch,
    entry_count: Number(description.entryCount),
    stored_bytes: Number(description.storedBytes),
    first: positionJson(description.first),
    last: positionJson(description.last),
    kept_exit_count: Number(description.keptExitCount),
    trimmed_count: Number(description.trimmedCount),
    entry_bytes: Number(description.entryBytes),
    retention: retentionJson(description.retention),
    subscription_count: description.subscriptionCount,
    version: description.version,
  });
}

function durabilityText(durability: Durability): string {
  const word = DURABILITY[durability];
  if (word === undefined) return 'unknown: this version of foghorn does not know the value';
  return `${word}: an acknowledged event ${DURABILITY_MEANING[word]}`;
}

function positionText(position: Position | undefined): string {
  if (position === undefined) return 'none';
  return `offset ${position.offset}, stored ${storedAt(position) ?? 'at an unknown time'}, cursor ${position.cursor}`;
}

function positionJson(position: Position | undefined) {
  if (position === undefined) return null;
  return {
    offset: Number(position.offset),
    cursor: position.cursor,
    stored_at: storedAt(position) ?? null,
  };
}

function storedAt({ storedAt: time }: Position): string | undefined {
  return time && formatRfc3339(time, 'needed');
}

function countText(count: bigint): string {
  return count.toLocaleString('en');
}
