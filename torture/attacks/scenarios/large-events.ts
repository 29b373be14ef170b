import { setTimeout as delay } from 'node:timers/promises';
import type { Attack } from '../attack.js';
import { publishLarge } from '../events.js';
import { PUBLISH, RawClient } from '../raw-client.js';

const MEBIBYTE = 1024 * 1024;

export const LARGE_EVENTS: readonly Attack[] = [
  {
    name: 'leaves 40 events of 15 MB in the history',
    async prepare({ grpc }) {
      const client = new RawClient(grpc);
      await publishLarge(client, 40, 15_000_000);
      client.close();
    },
    async run(_target, isOver) {
      while (!isOver()) await delay(50);
    },
  },
  {
    name: 'begins 60 requests of 16 MB, and ends none',
    async run({ grpc }, isOver) {
      const client = new RawClient(grpc);
      const prefix = Buffer.alloc(5);
      prefix.writeUInt32BE(16 * MEBIBYTE, 1);
      for (let i = 0; i < 60; i++) {
        const stream = client.open(PUBLISH);
        stream.write(prefix);
        for (let sent = 0; sent < 15; sent++) stream.write(Buffer.alloc(MEBIBYTE, 'a'));
      }
      while (!isOver()) await delay(50);
      client.close();
    },
  },
  {
    name: 'publishes 100 events of 15 MB at once, again and again',
    async run({ grpc }, isOver) {
      const client = new RawClient(grpc);
      const publish = async (): Promise<void> => {
        while (!isOver() && !client.closed) await publishLarge(client, 1, 15_000_000);
      };
      void Promise.all(Array.from({ length: 100 }, publish));
      while (!isOver()) await delay(50);
      client.close();
    },
  },
];
