import { connect, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { within } from '../../test/support/http2/frame-client.js';
import { PREFACE, settings } from '../../test/support/http2/frames.js';
import type { Random } from '../random.js';
import { mutate } from './mutate.js';
import type { Target } from './target.js';
import { Traffic } from './traffic.js';

const MAX_STEPS = 300;

/** Sends one connection's traffic, of which some frames are mutated. Resolves with their number. */
export async function attempt({ path, makeRequest }: Target, random: Random): Promise<number> {
  const socket = connect(path);
  socket.on('error', () => {});
  socket.resume();
  const traffic = new Traffic(random, makeRequest);
  const mutationRate = random.pick([0, 0.002, 0.01, 0.05, 0.3]);
  const steps = random.between(1, MAX_STEPS);
  let frames = 0;
  let pending: Buffer[] = [PREFACE, settings()];
  for (let step = 0; step < steps && !socket.destroyed; step++) {
    for (const frame of traffic.next()) {
      pending.push(random.chance(mutationRate) ? mutate(frame, random) : frame);
      frames += 1;
    }
    if (!random.chance(0.1)) continue;
    await write(socket, Buffer.concat(pending), random);
    pending = [];
  }
  await write(socket, Buffer.concat(pending), random);
  await close(socket, random);
  return frames;
}

/** Writes bytes in pieces, some of them in iterations of their own. */
async function write(socket: Socket, bytes: Buffer, random: Random): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const size = random.chance(0.7) ? bytes.length : random.between(1, 200);
    if (socket.destroyed) return;
    socket.write(bytes.subarray(at, at + size));
    at += size;
    if (random.chance(0.5)) await turn();
  }
}

async function close(socket: Socket, random: Random): Promise<void> {
  if (socket.destroyed) return;
  if (random.chance(0.5)) socket.destroy();
  else socket.end();
  await within(() => socket.closed);
}
