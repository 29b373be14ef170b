import { setTimeout as delay } from 'node:timers/promises';
import { connect, events, FoghornError } from '../../client/index.js';
import { Random } from '../random.js';
import type { WaitCondition, WaiterLine } from '../records/lines.js';
import { readRecord } from '../records/record-reader.js';
import { RecordWriter } from '../records/record-writer.js';
import { inTurn } from './in-turn.js';
import { settings, toldToEnd } from './program.js';
import { Waiting } from './waiting.js';
import type { WaitFor } from './waiting.js';
import type { WaiterSettings } from './waiter-settings.js';

/** Number of the latest runs that it remembers. */
const KNOWN_STARTS = 50;
/** Milliseconds between two waits, and between a failure and the next attempt. */
const PAUSE_MS = 100;

interface Started {
  readonly namespace: string;
  readonly container: string;
  readonly pid: number;
  readonly cursor: string;
}

const own = settings() as WaiterSettings;
const end = toldToEnd();
const random = new Random(own.seed);
const calls = readRecord<WaiterLine>(own.record).filter(({ kind }) => kind === 'invoke').length;
const record = new RecordWriter<WaiterLine>(own.record);
record.write({ kind: 'begin' });
const clients = own.addresses.map((address) => connect({ address }));
const waiting = new Waiting(record, calls);
const starts: Started[] = [];

async function learnStarts(): Promise<void> {
  const filters = ['topic=="/tasks/start"'];
  for (let visit = 0; !end.aborted; visit++) {
    try {
      const client = inTurn(clients, visit);
      for await (const message of client.read({ filters, gapPolicy: 'continue', signal: end })) {
        if (message.kind !== 'entries') continue;
        for (const { namespace, cursor, event } of message.entries) {
          const { containerId: container, pid } = events.TaskStart.decode(event!.value);
          starts.push({ namespace, container, pid, cursor });
        }
        starts.splice(0, starts.length - KNOWN_STARTS);
      }
    } catch (error) {
      if (!(error instanceof FoghornError && error.retryable)) throw error;
      await delay(PAUSE_MS);
    }
  }
}

function nextWait(): WaitFor {
  const { namespace, id: container } = random.pick(own.containers);
  if (starts.length === 0 || random.chance(0.4)) {
    const condition: WaitCondition = { kind: random.chance(0.5) ? 'next' : 'not running' };
    return { namespace, container, condition };
  }
  const { pid, cursor, ...started } = random.pick(starts);
  const condition: WaitCondition = random.chance(0.5)
    ? { kind: 'pid', pid }
    : { kind: 'after', cursor };
  return { ...started, condition };
}

async function keepWaiting(): Promise<void> {
  while (!end.aborted) {
    await waiting.wait(random.pick(clients), nextWait(), { timeout: own.patienceMs, signal: end });
    await delay(PAUSE_MS);
  }
}

await Promise.all([learnStarts(), ...Array.from({ length: own.atOnce }, keepWaiting)]);
await Promise.all(clients.map((client) => client.close()));
record.close();
