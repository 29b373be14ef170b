import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { connect, events, pack } from '../../client/index.js';
import type { Client } from '../../client/index.js';
import { parseCursor } from '../../server/events/cursor.js';
import { Cleanup } from '../../test/support/processes/cleanup.js';
import { BrokerProcess } from '../../test/support/processes/broker-process.js';

/*
 * Restarts a broker every three seconds, by SIGTERM and SIGKILL alternately, while 2,000 events a
 * second are published and three readers follow. No publish may fail, and no reader may miss or
 * repeat an offset. Run it with `npx tsx torture/endurance/rolling-restart.ts [SECONDS]`; the
 * default is a minute.
 */

const SECONDS = Number(process.argv[2] ?? 60);
const PER_SECOND = 2000;
const READERS = 3;
const END = '/test/end';

async function publishSteadily(client: Client, signal: AbortSignal): Promise<number> {
  const published: Promise<unknown>[] = [];
  const begun = performance.now();
  while (!signal.aborted) {
    const due = ((performance.now() - begun) / 1000) * PER_SECOND;
    while (published.length < due) {
      const event = pack(events.TaskOOM, { containerId: `c-${published.length}` });
      published.push(client.publish({ topic: '/tasks/oom', event }));
    }
    await delay(5);
  }
  await Promise.all(published);
  return published.length;
}

/** Resolves with the containers of all events before the final one. Offsets must rise by one. */
async function follow(client: Client): Promise<string[]> {
  const seen: string[] = [];
  let offset = 0;
  for await (const message of client.read({ start: 'earliest' })) {
    if (message.kind === 'gap') throw new Error(`a gap: ${message.reason}`);
    if (message.kind !== 'entries') continue;
    for (const { cursor, topic, event } of message.entries) {
      const next = parseCursor(cursor).offset;
      if (next !== offset + 1) throw new Error(`offset ${next} after ${offset}`);
      offset = next;
      if (topic === END) return seen;
      seen.push(events.TaskOOM.decode(event!.value).containerId);
    }
  }
  throw new Error('the read ended by itself');
}

const cleanup = new Cleanup();
try {
  const broker = await BrokerProcess.create(cleanup);
  await broker.start();
  const client = (): Client => {
    const made = connect({ address: broker.address });
    cleanup.defer(() => made.close());
    return made;
  };
  const stop = new AbortController();
  const followed = Promise.all(Array.from({ length: READERS }, () => follow(client())));
  const publisher = client();
  const published = publishSteadily(publisher, stop.signal);
  const failed = Promise.race([followed, published]);
  failed.catch(() => {});
  for (let restarts = 0; restarts < SECONDS / 3; restarts++) {
    await Promise.race([delay(3000), failed.then(() => delay(3000))]);
    await broker.end(restarts % 2 === 0 ? 'SIGTERM' : 'SIGKILL');
    await broker.start();
  }
  stop.abort();
  const count = await published;
  await publisher.publish({ topic: END });
  for (const seen of await followed) {
    expect(seen).to.have.lengthOf(count);
    expect(new Set(seen)).to.have.property('size', count);
  }
  console.log(`${count} published, none failed; ${READERS} readers got each once, without a hole`);
} finally {
  await cleanup.run();
}
