import { setTimeout as delay } from 'node:timers/promises';
import { events } from '../../client/index.js';
import type { Client } from '../../client/index.js';
import type { Child } from '../support/processes/child.js';

const NAMESPACE = 'marks';
const TOPIC = '/mark';
/** In a line of `ctr events`. */
const PLACE = ` ${NAMESPACE} ${TOPIC} `;
const POLL_MS = 50;

/** Publishes an event that stands for nothing but a place in the order of events. */
export async function publishMark(client: Client, name: string): Promise<void> {
  const value = Buffer.from(events.TaskOOM.encode({ containerId: name }).finish());
  const event = { typeUrl: 'containerd.events.TaskOOM', value };
  await client.publish({ topic: TOPIC, namespace: NAMESPACE, event });
}

/**
 * Resolves when every process that shows events shows those of the client's daemon. containerd does
 * not tell when a subscription has begun, so marks are published until each shows the same one.
 */
export async function untilAllShow(client: Client, children: readonly Child[]): Promise<void> {
  for (let count = 1; ; count++) {
    const name = `begin-${count}`;
    await publishMark(client, name);
    await delay(POLL_MS);
    if (children.every((child) => shows(child, 'begin-'))) break;
    const ended = children.find((child) => !child.running);
    await ended?.until('show events', () => false);
  }
  await untilMarkShown(client, children, 'all-show');
}

/** Publishes a mark and resolves when every process has shown it, and with it all that was before. */
export async function untilMarkShown(
  client: Client,
  children: readonly Child[],
  name: string,
): Promise<void> {
  await publishMark(client, name);
  for (const child of children)
    await child.until(`show the mark ${name}`, () => shows(child, name));
}

/** The lines without those of marks. */
export function withoutMarks(lines: readonly string[]): string[] {
  return lines.filter((line) => !line.includes(PLACE));
}

function shows(child: Child, mark: string): boolean {
  return child.stdout.some((line) => line.includes(`${PLACE}{"container_id":"${mark}`));
}
