import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Envelope } from '../../../../protos/gen/containerd/types/event.js';
import type { AnswerProbe } from '../../../support/docker/answer-probe.js';
import { DockerServer } from '../../../support/docker/docker-server.js';
import { toldEvent } from '../../../support/docker/event-lines.js';
import { recorded } from '../../../support/docker/recorded-events.js';
import { eventually } from '../../../support/eventually.js';
import { heapInUse } from '../../../support/heap.js';
import { forwardAll, range } from '../../../support/history-seed.js';

/** Events with these numbers; large ones would fill a megabyte after some 700. */
function numbered(first: number, last: number, size: 'small' | 'large' = 'small'): Envelope[] {
  const attributes = new Map([
    ['image', 'busybox'],
    ['note', 'x'.repeat(size === 'large' ? 1000 : 100)],
  ]);
  return range(first, last).map((n) =>
    recorded({ action: 'top', actorId: 'c1', attributes, timeNano: BigInt(n) }),
  );
}

function numbersOf(lines: readonly string[]): number[] {
  return lines.map((line) => Number(toldEvent(line).timeNano));
}

describe('slow clients of GET /events', () => {
  let directory: string;
  let server: DockerServer;
  let streams: AnswerProbe[];

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'foghorn-slow-'));
    server = await DockerServer.start({ store: `lmdb:${directory}` });
    streams = [];
  });
  afterEach(async () => {
    for (const stream of streams) stream.cancel();
    await server.stop();
    rmSync(directory, { recursive: true });
  });

  async function follow(query: Record<string, string> = {}): Promise<AnswerProbe> {
    const stream = server.client().events(query);
    streams.push(stream);
    await stream.head;
    return stream;
  }

  const subscriptions = async (): Promise<number> =>
    (await server.grpc.describe()).subscriptionCount;

  it('receive everything that was published at once', async () => {
    const stream = await follow();
    await forwardAll(server.grpc, numbered(1, 5000));
    const lines = await stream.when(({ length }) => length >= 5000);
    expect(numbersOf(lines)).to.deep.equal(range(1, 5000));
  });

  it('use little memory, delay no other client, and receive everything when they read', async () => {
    const EVENTS = 12_000;
    const stuck = await follow();
    stuck.pause();
    const bystander = await follow({ filters: '{"event":["last"]}' });
    await forwardAll(server.grpc, numbered(1, 2000, 'large'));
    const before = await heapInUse();
    for (let at = 2000; at < EVENTS; at += 2000) {
      await forwardAll(server.grpc, numbered(at + 1, at + 2000, 'large'));
    }
    await server.grpc.forward(recorded({ action: 'last', timeNano: BigInt(EVENTS + 1) }));
    await bystander.when(({ length }) => length === 1);
    expect((await heapInUse()) - before).to.be.below(8 * 1024 * 1024);

    stuck.resume();
    const lines = await stuck.when(({ length }) => length > EVENTS);
    expect(numbersOf(lines)).to.deep.equal(range(1, EVENTS + 1));
  }).timeout(60_000);

  it('are one subscription, however often they fall behind', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error): unknown => warnings.push(warning);
    process.on('warning', note);
    const stream = await follow();
    const alone = await subscriptions();
    for (const round of range(1, 12)) {
      stream.pause();
      await forwardAll(server.grpc, numbered(round * 2000 + 1, (round + 1) * 2000, 'large'));
      stream.resume();
      await stream.when(({ length }) => length >= round * 2000);
    }
    await eventually(async () => (await subscriptions()) === alone);
    process.off('warning', note);
    expect(warnings).to.deep.equal([]);
  }).timeout(60_000);

  it('leave nothing behind when they disconnect', async () => {
    await forwardAll(server.grpc, numbered(1, 200));
    expect(await subscriptions()).to.equal(0);
    const following = await Promise.all(
      range(1, 200).map((n) => follow(n % 2 === 0 ? {} : { since: '0' })),
    );
    for (const stream of following) stream.pause();
    // More than a window holds, so that the clients vanish in all states.
    await forwardAll(server.grpc, numbered(201, 1500));
    for (const stream of following) stream.cancel();
    await eventually(async () => (await subscriptions()) === 0);
    expect(numbersOf(await server.docker.history())).to.deep.equal(range(1, 1500));
  });
});
