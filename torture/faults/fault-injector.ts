import { setTimeout as delay } from 'node:timers/promises';
import type { BrokerLine } from '../records/lines.js';
import type { RecordWriter } from '../records/record-writer.js';
import type { ClientUnderTest } from './client-under-test.js';
import type { Deployment } from './deployment.js';
import type { Fault, ScheduledFault } from './schedule.js';

/** Targets of faults. */
export interface Targets {
  readonly deployment: Deployment;
  readonly clients: readonly ClientUnderTest[];
  /** Starts a crowd of short-lived readers. */
  readonly crowd: (readers: number, seed: number) => Promise<void>;
}

/** Injects one fault after the other. Halts and faults of clients overlap with the next fault. */
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

async function inject(fault: Fault, { deployment, clients, crowd }: Targets): Promise<void> {
  switch (fault.kind) {
    case 'kill broker': {
      const broker = pick(deployment.brokers, fault.broker);
      await broker.kill();
      await delay(fault.downMs);
      return broker.start();
    }
    case 'halt broker':
      pick(deployment.brokers, fault.broker).halt(fault.forMs);
      return;
    case 'restart broker': {
      const broker = pick(deployment.brokers, fault.broker);
      await broker.drain();
      await delay(fault.downMs);
      return broker.start();
    }
    case 'kill client':
      return undisturbed(clients, fault.client)?.kill(fault.downMs);
    case 'halt client':
      return undisturbed(clients, fault.client)?.halt(fault.forMs);
    case 'crowd':
      return crowd(fault.readers, fault.seed);
    default:
      return deployment.inject(fault);
  }
}

function pick<T>(from: readonly T[], number: number): T {
  return from[number % from.length]!;
}

function undisturbed(
  clients: readonly ClientUnderTest[],
  number: number,
): ClientUnderTest | undefined {
  const client = pick(clients, number);
  return client.disturbed ? undefined : client;
}
