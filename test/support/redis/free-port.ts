import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below the ports that a system gives to whoever connects: a client that tries again and again to reach a Redis which is down
 * would otherwise sooner or later be given the very port that it calls, be connected to itself, and keep Redis from it. And
 * far enough below to leave room for a cluster node's second port.
 */
const LOWEST = 12_000;
const COUNT = 10_000;
const BUS = 10_000;

/** A port of 127.0.0.1 that nobody listens on at the moment, nor on the one 10,000 above it. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * COUNT);
    if ((await isFree(port)) && (await isFree(port + BUS))) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
