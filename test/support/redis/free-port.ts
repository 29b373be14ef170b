import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below the system's ephemeral ports: a client that keeps reconnecting to a stopped Redis could be
 * assigned the port that it calls, connect to itself, and keep Redis from the port. The distance
 * leaves space for the second port of a cluster node.
 */
const LOWEST = 12_000;
const COUNT = 10_000;
const BUS = 10_000;

/** A port of 127.0.0.1 that is free, as is the one 10,000 above it. */
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
