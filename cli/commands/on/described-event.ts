import type { Any, Client, Container, Delivery, Entry } from '../../../client/index.js';
import { formatRfc3339 } from '../../../protocol/rfc3339.js';
import type { TraceContext } from '../../../protocol/trace-context.js';
import type { PayloadTypes } from '../../../protocol/payload-types.js';
import { formatJson } from '../../../protocol/event-json.js';
import { laterFinding } from '../events/later-finding.js';

/** An event and what is known about its container. */
export interface DescribedEvent {
  readonly consumer: string;
  readonly attempt: number;
  readonly cursor: string;
  readonly topic: string;
  readonly namespace: string;
  /** RFC 3339; empty if the event has no time that it can express. */
  readonly time: string;
  /** Name of the payload's type; empty without a payload. */
  readonly type: string;
  /** Empty if the event is not about a container. */
  readonly container: string;
  readonly name: string;
  readonly image: string;
  readonly labels: ReadonlyMap<string, string>;
  /** Undefined if the event reports none. */
  readonly exitCode: string | undefined;
  /** The trace to continue, if any. */
  readonly trace: TraceContext | undefined;
  /** The entry, with the trace to continue. */
  readonly entry: Entry;
  /** The event as one line of JSON, as `events --format json` prints it. */
  readonly json: string;
}

type Payload = Readonly<Record<string, unknown>>;

/** Fields that hold a container's id, in the order in which they count. */
const ID_FIELDS = ['container_id', 'actor_id', 'id'];

/**
 * Describes an event, with name, image and labels of its container if the history knows them.
 * Rejects with the error of the look-up if the container must be known; otherwise the event is
 * described without it.
 */
export async function describeEvent(
  client: Client,
  consumer: string,
  { entry, attempt, trace }: Delivery,
  types: PayloadTypes,
  mustLookUp: boolean,
): Promise<DescribedEvent> {
  const { cursor, topic, namespace, timestamp, event } = entry;
  const json = formatJson(entry, types);
  const payload = (JSON.parse(json) as { readonly event?: Payload }).event ?? {};
  const container = textIn(payload, ID_FIELDS);
  const known = container === '' ? undefined : await find(client, namespace, container, mustLookUp);
  return {
    ...{ consumer, attempt, cursor, topic, namespace, container, trace, json },
    entry: { ...entry, trace },
    time: (timestamp && formatRfc3339(timestamp, 'nine')) ?? '',
    type: event?.typeUrl.replace(/^.*\//, '') ?? '',
    name: known?.name ?? container,
    image: known?.image ?? '',
    labels: known?.labels ?? new Map<string, string>(),
    exitCode: exitCodeIn(payload, event),
  };
}

async function find(
  client: Client,
  namespace: string,
  reference: string,
  mustLookUp: boolean,
): Promise<Container | undefined> {
  try {
    const { containers } = await client.containers({ namespace, reference, includeRemoved: true });
    return containers.find(({ id }) => id === reference);
  } catch (error) {
    if (mustLookUp) throw error;
    // The event is delivered without a name rather than not at all.
    return undefined;
  }
}

function textIn(payload: Payload, fields: readonly string[]): string {
  for (const field of fields) {
    const value = payload[field];
    if (typeof value === 'string' && value !== '') return value;
  }
  return '';
}

function exitCodeIn(payload: Payload, event: Any | undefined): string | undefined {
  const { exit_status: status = laterFinding(event)?.exitCode, attributes } = payload;
  if (typeof status === 'number') return `${status}`;
  const { exitCode } = (attributes ?? {}) as { readonly exitCode?: unknown };
  return typeof exitCode === 'string' ? exitCode : undefined;
}
