import { sizeText } from '../../format/size.js';
import type { Column } from '../../format/table.js';
import type { Consumer } from '../../../client/index.js';
import { nanosFromTimestamp, type Timestamp } from '../../../client/index.js';

export const CONSUMER_COLUMNS: readonly Column<Consumer>[] = [
  { title: 'NAME', text: ({ name }) => name, least: 12 },
  { title: 'LAG', text: ({ lag }) => `${lag}` },
  { title: 'IN FLIGHT', text: ({ inFlight }) => `${inFlight}` },
  { title: 'MEMBERS', text: ({ members }) => `${members}` },
  { title: 'ACKED', text: ({ acknowledged }) => `${acknowledged}` },
  { title: 'FAILED', text: ({ failedDeliveries }) => `${failedDeliveries}` },
  { title: 'PARKED', text: ({ parked }) => `${parked}` },
  { title: 'STATE', text: stateOf, least: 6 },
];

function stateOf({ paused, parkedFull, gaps }: Consumer): string {
  if (paused !== '') return `paused: ${paused}`;
  if (parkedFull) return 'no space for more parked events';
  return gaps === 0n ? 'active' : `active, ${gaps} gaps`;
}

const ORDERINGS = ['container', 'container', 'total', 'none'];

/** Everything about a consumer, one property a line. */
export function consumerText(consumer: Consumer): string {
  const { settings, lastGap, oldestUnacknowledged, heldBack } = consumer;
  const { filters = [], ackWait, maxDeliveries, backoff = [], maxInFlight = 0 } = settings ?? {};
  const lines: (readonly [string, string])[] = [
    ['name', consumer.name],
    ['owner', consumer.owner],
    ['created', dateText(consumer.createdAt)],
    ['state', stateOf(consumer)],
    ['filters', filters.length === 0 ? 'every event' : filters.join('  or  ')],
    ['ordering', ORDERINGS[settings?.ordering ?? 0] ?? 'unknown'],
    ['ack wait', `${seconds(ackWait)} s`],
    ['deliveries', maxDeliveries === 0 ? 'no limit' : `at most ${maxDeliveries ?? 0}`],
    ['back-off', backoff.map((delay) => `${seconds(delay)} s`).join(', ')],
    ['in flight', `${consumer.inFlight} of at most ${maxInFlight}`],
    ...(heldBack === 0n ? [] : ([['held back', heldBackText(consumer)]] as const)),
    ['members here', `${consumer.members}`],
    ['floor', consumer.floor],
    ['lag', `${consumer.lag} entries`],
    ['oldest', oldestUnacknowledged === undefined ? 'none' : dateText(oldestUnacknowledged)],
    ['acknowledged', `${consumer.acknowledged}`],
    ['failed', `${consumer.failedDeliveries} deliveries`],
    ['parked', `${consumer.parked} (${consumer.parkedBytes} bytes)`],
    ['hold', holdText(consumer)],
    ['gaps', gapText(consumer)],
    ...(lastGap === undefined
      ? []
      : ([['last gap', `${dateText(consumer.lastGapAt)}, after ${lastGap.from}`]] as const)),
  ];
  return lines.map(([name, value]) => `${name.padEnd(14)}${value}\n`).join('');
}

function heldBackText({ heldBack, heldBackFor }: Consumer): string {
  return (
    `at most ${heldBack} events of members from before a restart, ` +
    `until these are back or for ${seconds(heldBackFor)} s`
  );
}

function holdText({ settings, holdExceeded }: Consumer): string {
  const { holdBytes = 0n } = settings ?? {};
  if (holdBytes === 0n) return 'none: retention does not wait for it';
  const text = `retention waits for up to ${sizeText(holdBytes)} of events`;
  return holdExceeded ? `${text}; it has removed some that exceed this` : text;
}

function gapText({ gaps, lostAtMost }: Consumer): string {
  return gaps === 0n ? 'none' : `${gaps}, with at most ${lostAtMost} events as far as is known`;
}

function seconds(duration: { seconds: bigint; nanos: number } | undefined): number {
  return Number(duration?.seconds ?? 0n) + (duration?.nanos ?? 0) / 1e9;
}

/** A time in RFC 3339, to the second. */
export function dateText(time: Timestamp | undefined): string {
  if (time === undefined) return '';
  const ms = Number(nanosFromTimestamp(time) / 1_000_000n);
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}
