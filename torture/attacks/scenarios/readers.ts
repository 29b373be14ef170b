import { setTimeout as delay } from 'node:timers/promises';
import { ReadRequest } from '../../../protos/gen/foghorn/v1/history.js';
import { frame } from '../../../test/support/raw-http2.js';
import type { Attack } from '../attack.js';
import { appendAll, publishLarge, started } from '../events.js';
import { RawClient, READ } from '../raw-client.js';

const CALLS_PER_CONNECTION = 100;

function readAll(stopWhenCaughtUp: boolean): Uint8Array {
  const start = { $case: 'earliest' as const, value: {} };
  return ReadRequest.encode(ReadRequest.fromPartial({ start, stopWhenCaughtUp })).finish();
}

async function storeSmallEvents({ grpc }: { grpc: string }, count: number): Promise<void> {
  const client = new RawClient(grpc);
  const events = Array.from({ length: count }, (_, i) => started(`c${i % 1000}`, i + 1));
  await appendAll(client, events);
  client.close();
}

function clients(socket: string, calls: number): RawClient[] {
  const count = Math.ceil(calls / CALLS_PER_CONNECTION);
  return Array.from({ length: count }, () => new RawClient(socket));
}

export const READERS: readonly Attack[] = [
  {
    name: 'begins 1,000 reads of the history at once',
    prepare: (target, scale) => storeSmallEvents(target, 20_000 * scale),
    async run({ grpc }, isOver) {
      const all = clients(grpc, 1000);
      for (let i = 0; i < 1000; i++) void all[i % all.length]!.call(READ, readAll(true));
      while (!isOver()) await delay(50);
      for (const client of all) client.close();
    },
  },
  {
    name: 'replays the history 200 times at once, again and again',
    prepare: (target, scale) => storeSmallEvents(target, 20_000 * scale),
    async run({ grpc }, isOver) {
      const all = clients(grpc, 200);
      const replay = async (client: RawClient): Promise<void> => {
        while (!isOver() && (await client.call(READ, readAll(true))) === '0');
      };
      const replays = Array.from({ length: 200 }, (_, i) => replay(all[i % all.length]!));
      while (!isOver()) await delay(50);
      for (const client of all) client.close();
      await Promise.all(replays);
    },
  },
  {
    name: 'reads nothing of what 40 readers of 15 MB entries get',
    async prepare({ grpc }, scale) {
      const client = new RawClient(grpc);
      await publishLarge(client, 20 * scale, 15_000_000);
      client.close();
    },
    async run({ grpc }, isOver) {
      const client = new RawClient(grpc, { initialWindowSize: 0 });
      for (let i = 0; i < 40; i++) client.open(READ).end(frame(readAll(false)));
      while (!isOver()) await delay(50);
      client.close();
    },
  },
];
