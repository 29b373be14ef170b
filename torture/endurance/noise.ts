import { statSync } from 'node:fs';
import { expect } from 'chai';
import { connect, events, pack } from '../../client/index.js';
import type { Client } from '../../client/index.js';
import { Cleanup } from '../../test/support/processes/cleanup.js';
import { BrokerProcess } from '../../test/support/processes/broker-process.js';
import { entriesOf } from '../kill-broker/history-check.js';

/*
 * Shows that exits outlive noise: two million events of health probes pass through a budget of 256
 * MiB together with a thousand exits, and every exit is still answered. Run it with `npx tsx
 * torture/endurance/noise.ts [EVENTS]`; it takes some minutes.
 */

const NOISE = Number(process.argv[2] ?? 2_000_000);
const EXITS = 1000;
const AT_A_TIME = 2000;

const PROBES = [
  { topic: '/tasks/exec-added', type: events.TaskExecAdded },
  { topic: '/tasks/exec-started', type: events.TaskExecStarted },
] as const;

function idOf(number: number): string {
  return `job-${String(number).padStart(60, '0')}`;
}

async function publishNoise(client: Client, from: number, count: number): Promise<void> {
  const published = Array.from({ length: count }, (_, index) => {
    const number = from + index;
    const { topic, type } = PROBES[number % PROBES.length]!;
    const execId = `probe-${number}`.padEnd(64, '0');
    return client.publish({
      topic,
      event: pack(type, { containerId: idOf(number % EXITS), execId }),
    });
  });
  await Promise.all(published);
}

async function publishExit(client: Client, number: number): Promise<void> {
  const ids = { containerId: idOf(number), id: idOf(number), pid: number + 1 };
  await client.publish({
    topic: '/tasks/exit',
    event: pack(events.TaskExit, { ...ids, exitStatus: number % 256 }),
  });
}

const cleanup = new Cleanup();
try {
  const broker = await BrokerProcess.create(cleanup, [
    '--retain-bytes',
    '256MiB',
    '--retain-age',
    'none',
  ]);
  await broker.start();
  const client = connect({ address: broker.address });
  cleanup.defer(() => client.close());
  const begun = performance.now();
  for (let done = 0, exits = 0; done < NOISE; done += AT_A_TIME) {
    await publishNoise(client, done, AT_A_TIME);
    for (; exits < EXITS * Math.min(1, (2 * done) / NOISE); exits++)
      await publishExit(client, exits);
  }
  const seconds = (performance.now() - begun) / 1000;
  await broker.end('SIGKILL');
  await broker.start();
  const description = await client.describe();
  const { size } = statSync(broker.file('store/data.mdb'));
  console.log(
    `${NOISE} events in ${seconds.toFixed(0)} s; the file has ${(size / 2 ** 20).toFixed(0)} MiB`,
  );
  console.log(description);
  const answered = Array.from({ length: EXITS }, async (_, number) => {
    const { status } = await client.wait({ id: idOf(number) }, { timeout: 30_000 });
    expect(status, idOf(number)).to.equal(number % 256);
  });
  await Promise.all(answered);
  const shown = await entriesOf(client, {
    start: 'earliest',
    filters: ['topic=="/tasks/exit"'],
    stopWhenCaughtUp: true,
  });
  expect(shown).to.have.lengthOf(EXITS);
  expect(Number(description.trimmedCount)).to.be.above(0);
  console.log(`all ${EXITS} exits are answered and shown`);
} finally {
  await cleanup.run();
}
