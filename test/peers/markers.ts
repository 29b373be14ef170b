import { setTimeout as delay } from 'node:timers/promises';
import { events } from '../../client/index.js';
import type { Client } from '../../client/index.js';
import type { Child } from '../support/processes/child.js';

const NAMESPACE = 'markers';
const TOPIC = '/marker';
/** Matches a marker in a line of `ctr events`. */
const MARKER = ` ${NAMESPACE} ${TOPIC} `;
const POLL_MS = 50;

/** Publishes a marker: an event that only shows a position in the order of events. */
export async function publishMarker(client: Client, name: string): Promise<void> {
  const value = Buffer.from(events.TaskOOM.encode({ containerId: name }).finish());
  const event = { typeUrl: 'containerd.events.TaskOOM', value };
  await client.publish({ topic: TOPIC, namespace: NAMESPACE, event }, { timeout: 60_000 });
}

/**
 * Resolves when every process shows the events of the client's daemon. containerd does not report
 * when a subscription has begun, so markers are published until each process shows the same one.
 */
export async function untilAllShow(client: Client, children: readonly Child[]): Promise<void> {
  for (let count = 1; ; count++) {
    const name = `begin-${count}`;
    await publishMarker(client, name);
    await delay(POLL_MS);
    if (children.every((child) => shows(child, 'begin-'))) break;
    const ended = children.find((child) => !child.running);
    await ended?.until('show events', () => false);
  }
  await untilMarkerShown(client, children, 'all-show');
}

/** Publishes a marker; resolves when every process has shown it, and so all earlier events. */
export async function untilMarkerShown(
  client: Client,
  children: readonly Child[],
  name: string,
): Promise<void> {
  await publishMarker(client, name);
  for (const child of children)
    await child.until(`show the marker ${name}`, () => shows(child, name));
}

/** Returns the lines without markers. */
export function withoutMarkers(lines: readonly string[]): string[] {
  return lines.filter((line) => !line.includes(MARKER));
}

/** Whether a process has shown a marker whose name begins so. */
export function shows(child: Child, marker: string): boolean {
  return child.stdout.some((line) => line.includes(`${MARKER}{"container_id":"${marker}`));
}
