import { connect, type Socket } from 'node:net';
import { setImmediate as iteration, setTimeout as delay } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { FLOODS, type Flood } from '../../test/support/http2/floods.js';
import {
  data,
  END_HEADERS,
  frame,
  PREFACE,
  settings,
  TYPE,
} from '../../test/support/http2/frames.js';
import { requestBlock } from '../../test/support/http2/hpack.js';
import type { AttackedServer } from './server.js';

/** Effects of one attack, for the table. */
export interface Outcome {
  /** Frames, connections or handshakes that the server took. */
  readonly count: number;
  /** Connections that the server has cut. */
  readonly cut: number;
}

export interface WireAttack {
  readonly name: string;
  /** Whether it needs a server that speaks TLS. */
  readonly overTls?: boolean;
  /** Attacks for some seconds, or until the server cuts the connection. */
  run(server: AttackedServer, seconds: number): Promise<Outcome>;
}

/** Below the limit of open files that servers usually have. */
const CONNECTIONS = 10_000;
const DRIPPING_CONNECTIONS = 1000;
const DRIP_INTERVAL_MS = 100;
const ROUNDS_PER_WRITE = 100;
const HANDSHAKES_AT_ONCE = 16;

const POST = frame(TYPE.HEADERS, END_HEADERS, 1, requestBlock('/wait'));

export const ATTACKS: readonly WireAttack[] = [
  ...FLOODS.map((flood): WireAttack => ({
    name: flood.name,
    run: ({ socket }, seconds) => sendFlood(flood, socket, seconds),
  })),
  {
    name: `${CONNECTIONS} connections that say nothing`,
    run: ({ socket }, seconds) => holdConnections(socket, CONNECTIONS, [], seconds),
  },
  {
    name: `${CONNECTIONS} connections with half a frame`,
    run: ({ socket }, seconds) =>
      holdConnections(socket, CONNECTIONS, [PREFACE, settings(), POST.subarray(0, 20)], seconds),
  },
  {
    name: `${DRIPPING_CONNECTIONS} connections that drip header fields by bytes`,
    run: ({ socket }, seconds) => drip(socket, [PREFACE, settings()], POST, seconds),
  },
  {
    name: `${DRIPPING_CONNECTIONS} connections that drip bodies by bytes`,
    run: ({ socket }, seconds) =>
      drip(socket, [PREFACE, settings(), POST], data(1, Buffer.alloc(16_000)), seconds),
  },
  {
    name: 'TLS handshakes, one after another',
    overTls: true,
    run: ({ tls = '' }, seconds) => shakeHands(tls, seconds),
  },
];

async function sendFlood(flood: Flood, path: string, seconds: number): Promise<Outcome> {
  const end = performance.now() + seconds * 1000;
  const socket = await open(path);
  socket.resume();
  socket.write(Buffer.concat([PREFACE, settings(), ...(flood.begin ?? [])]));
  let id = 3;
  let rounds = 0;
  while (!socket.destroyed && performance.now() < end) {
    const frames: Buffer[] = [];
    for (let i = 0; i < ROUNDS_PER_WRITE; i++, id += 2) frames.push(...flood.round(id));
    rounds += ROUNDS_PER_WRITE;
    socket.write(Buffer.concat(frames));
    while (socket.writableNeedDrain && performance.now() < end) await delay(1);
    await iteration();
  }
  const cut = socket.destroyed ? 1 : 0;
  socket.destroy();
  return { count: rounds, cut };
}

async function holdConnections(
  path: string,
  count: number,
  begin: readonly Buffer[],
  seconds: number,
): Promise<Outcome> {
  const sockets = await openMany(path, count);
  for (const socket of sockets) socket.write(Buffer.concat(begin));
  await delay(seconds * 1000);
  return close(sockets);
}

async function drip(
  path: string,
  begin: readonly Buffer[],
  bytes: Buffer,
  seconds: number,
): Promise<Outcome> {
  const sockets = await openMany(path, DRIPPING_CONNECTIONS);
  for (const socket of sockets) socket.write(Buffer.concat(begin));
  const drips = (seconds * 1000) / DRIP_INTERVAL_MS;
  for (let at = 0; at < drips; at++) {
    for (const socket of sockets) socket.write(bytes.subarray(at, at + 1));
    await delay(DRIP_INTERVAL_MS);
  }
  return close(sockets);
}

async function shakeHands(address: string, seconds: number): Promise<Outcome> {
  const [host, port] = address.split(':');
  const end = performance.now() + seconds * 1000;
  let count = 0;
  const lane = async (): Promise<void> => {
    while (performance.now() < end) {
      const options = { host, port: Number(port), ALPNProtocols: ['h2'] };
      const socket = connectTls({ ...options, rejectUnauthorized: false });
      socket.on('error', () => {});
      await new Promise((resolve) => {
        socket.once('secureConnect', resolve);
        socket.once('close', resolve);
      });
      socket.destroy();
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: HANDSHAKES_AT_ONCE }, lane));
  return { count, cut: 0 };
}

async function open(path: string): Promise<Socket> {
  for (;;) {
    const socket = connect(path);
    socket.on('error', () => {});
    const isOpen = await new Promise((resolve) => {
      socket.once('connect', () => {
        resolve(true);
      });
      socket.once('close', resolve);
    });
    if (isOpen === true) return socket;
    // The system's queue of connections is full for a moment.
    await delay(5);
  }
}

async function openMany(path: string, count: number): Promise<Socket[]> {
  const sockets: Socket[] = [];
  for (let i = 0; i < count; i++) {
    const socket = await open(path);
    socket.resume();
    sockets.push(socket);
  }
  return sockets;
}

function close(sockets: readonly Socket[]): Outcome {
  const cut = sockets.filter(({ destroyed }) => destroyed).length;
  for (const socket of sockets) socket.destroy();
  return { count: sockets.length, cut };
}
