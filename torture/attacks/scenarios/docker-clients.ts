import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { NewEvent } from '../../../protos/gen/foghorn/v1/history.js';
import type { Attack } from '../attack.js';
import { appendAll, created, exited, started } from '../events.js';
import { RawClient } from '../raw-client.js';

function open(socket: string): Socket {
  const connection = connect(socket);
  connection.on('error', () => {});
  return connection;
}

function request(method: string, path: string, more = ''): string {
  return `${method} ${path} HTTP/1.1\r\nHost: attack\r\n${more}\r\n`;
}

/** Sends a request and reads the answer until the broker ends it. */
async function ask(socket: string, method: string, path: string): Promise<void> {
  const connection = open(socket);
  connection.resume();
  connection.write(request(method, path, 'Content-Length: 0\r\nConnection: close\r\n'));
  await once(connection, 'close').catch(() => {});
}

const storeManyRuns: Attack['prepare'] = (target, scale) =>
  store(target, [
    created('backup'),
    ...range(10_800 * scale).flatMap((n) => [started('backup', n + 1), exited('backup', n + 1)]),
  ]);

async function store({ grpc }: { grpc: string }, events: readonly NewEvent[]): Promise<void> {
  const client = new RawClient(grpc);
  await appendAll(client, events);
  client.close();
}

function oneAfterTheOther(method: string, path: string): Attack['run'] {
  return async ({ docker }, isOver) => {
    while (!isOver()) {
      await ask(docker, method, path);
      await delay(1);
    }
  };
}

function pipelined(text: string, requests: number): Attack['run'] {
  return async ({ docker }, isOver) => {
    while (!isOver()) {
      const connection = open(docker);
      connection.write(text.repeat(requests));
      await delay(50);
      connection.destroy();
    }
  };
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

export const DOCKER_CLIENTS: readonly Attack[] = [
  {
    name: 'pipelines 1,000 requests for events, and hangs up, again and again',
    run: pipelined(request('GET', '/events'), 1000),
  },
  {
    name: 'pipelines 10,000 waits for containers, and hangs up, again and again',
    run: pipelined(request('POST', '/containers/none/wait', 'Content-Length: 0\r\n'), 10_000),
  },
  {
    name: 'lists many containers (100,000 at full scale), again and again',
    prepare: (target, scale) =>
      store(
        target,
        range(25_000 * scale).map((n) => created(`c${n}`)),
      ),
    run: oneAfterTheOther('GET', '/containers/json?all=1'),
  },
  {
    name: 'waits for a container after many runs (43,200 at full scale)',
    prepare: storeManyRuns,
    run: oneAfterTheOther('POST', '/containers/backup/wait?condition=not-running'),
  },
  {
    name: 'inspects a container after many runs (43,200 at full scale)',
    prepare: storeManyRuns,
    run: oneAfterTheOther('GET', '/containers/backup/json'),
  },
  {
    name: 'has 20 Docker clients read the past beside 2,000 events/s',
    async run({ grpc, docker }, isOver) {
      const connections = range(20).map(() => open(docker));
      for (const connection of connections) {
        const since = Math.floor(Date.now() / 1000) - 5;
        connection.resume().write(request('GET', `/events?since=${since}`));
      }
      const client = new RawClient(grpc);
      for (let sent = 0; !isOver(); sent += 100) {
        void appendAll(
          client,
          range(100).map((n) => created(`unique-${sent + n}`)),
        );
        await delay(50);
      }
      for (const connection of connections) connection.destroy();
      client.close();
    },
  },
  {
    name: 'has 20 Docker clients ask for 4,000 kinds of events each',
    async run({ grpc, docker }, isOver) {
      const event = range(4000).map((n) => `exec_create: ${n}`);
      const filters = encodeURIComponent(JSON.stringify({ event }));
      const connections = range(20).map(() => open(docker));
      for (const connection of connections) {
        connection.resume().write(request('GET', `/events?filters=${filters}`));
      }
      const client = new RawClient(grpc);
      for (let sent = 0; !isOver(); sent += 1) {
        void appendAll(client, [started('c1', sent + 1)]);
        await delay(10);
      }
      for (const connection of connections) connection.destroy();
      client.close();
    },
  },
];
