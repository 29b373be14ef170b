import { connect, events, pack, unpack } from '../../client/index.js';
import type { Any, Entry } from '../../client/index.js';

/** The n-th event of a publisher. */
export function numberedEvent(publisher: string, n: number): Any {
  return pack(events.TaskExit, { containerId: publisher, id: publisher, pid: n + 1 });
}

/** All entries of the history. */
export async function historyOf(address: string): Promise<Entry[]> {
  const client = connect({ address });
  const entries: Entry[] = [];
  for await (const message of client.read({ start: 'earliest', stopWhenCaughtUp: true })) {
    if (message.kind === 'entries') entries.push(...message.entries);
  }
  await client.close();
  return entries;
}

/** The numbers of each publisher's events, in the order of these entries. */
export function numbersByPublisher(entries: readonly Entry[]): Map<string, number[]> {
  const numbers = new Map<string, number[]>();
  for (const { event } of entries) {
    const unpacked = unpack(event);
    if (unpacked?.type !== 'containerd.events.TaskExit') continue;
    const { containerId, pid } = unpacked.value;
    const known = numbers.get(containerId);
    if (known) known.push(pid - 1);
    else numbers.set(containerId, [pid - 1]);
  }
  return numbers;
}
