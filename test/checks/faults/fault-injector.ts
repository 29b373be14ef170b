import { setTimeout as delay } from 'node:timers/promises';
import type { BrokerLine } from '../records/lines.js';
import type { RecordWriter } from '../records/record-writer.js';
import type { BrokerUnderTest } from './broker-under-test.js';
import type { ClientUnderTest } from './client-under-test.js';
import type { LineageKeeper } from './lineage-keeper.js';
import type { Fault, ScheduledFault } from './schedule.js';

/** What faults are done to. */
export interface Targets {
  readonly broker: BrokerUnderTest;
  readonly lineages: LineageKeeper;
  readonly clients: readonly ClientUnderTest[];
  /** Begins to send that many short readers. */
  readonly crowd: (readers: number, seed: number) => Promise<void>;
}

/** Does one fault after the other. Those of clients go on while the next begins. */
export async function injectFaults(
  faults: Iterable<ScheduledFault>,
  targets: Targets,
  over: AbortSignal,
  record: RecordWriter<BrokerLine>,
): Promise<void> {
  for (const { pauseMs, fault } of faults) {
    await delay(pauseMs, undefined, { signal: over }).catch(() => {});
    if (over.aborted) return;
    record.write({ kind: 'fault', fault: JSON.stringify(fault) });
    await inject(fault, targets);
  }
}

async function inject(fault: Fault, { broker, lineages, clients, crowd }: Targets): Promise<void> {
  switch (fault.kind) {
    case 'kill broker':
      await broker.kill();
      await delay(fault.downMs);
      return broker.start();
    case 'kill broker at':
      await broker.killAt(fault.point, fault.calls);
      return broker.start();
    case 'halt broker':
      return broker.halt(fault.forMs);
    case 'restart broker':
      await broker.drain();
      await delay(fault.downMs);
      return broker.start();
    case 'kill client':
      return undisturbed(clients, fault.client)?.kill(fault.downMs);
    case 'halt client':
      return undisturbed(clients, fault.client)?.halt(fault.forMs);
    case 'crowd':
      return crowd(fault.readers, fault.seed);
    case 'copy store':
      return whileDown(broker, () => lineages.copy());
    case 'put copy back':
      return whileDown(broker, () => lineages.putBack());
    case 'wipe store':
      return whileDown(broker, () => lineages.wipe());
  }
}

function undisturbed(
  clients: readonly ClientUnderTest[],
  number: number,
): ClientUnderTest | undefined {
  const client = clients[number % clients.length];
  return client?.disturbed ? undefined : client;
}

async function whileDown(broker: BrokerUnderTest, change: () => Promise<void>): Promise<void> {
  await broker.kill();
  await change();
  await broker.start();
}
