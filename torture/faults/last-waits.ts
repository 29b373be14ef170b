import type { Client } from '../../client/index.js';
import { Waiting } from '../clients/waiting.js';
import type { WaitFor } from '../clients/waiting.js';
import { endsRun, parseFact, runOf } from '../records/fact.js';
import type { WaiterLine } from '../records/lines.js';
import { RecordWriter } from '../records/record-writer.js';

const AT_ONCE = 50;
/** Milliseconds a wait may take; the run that it asks for has ended. */
const TIMEOUT = 10_000;

/** Waits for every run whose end is among the facts and records the answers. */
export async function askLast(
  client: Client,
  facts: readonly string[],
  path: string,
): Promise<void> {
  const record = new RecordWriter<WaiterLine>(path);
  const waiting = new Waiting(record, 0);
  const asked = endedRuns(facts).values();
  const askOneByOne = async () => {
    for (const wait of asked) await waiting.wait(client, wait, { timeout: TIMEOUT });
  };
  await Promise.all(Array.from({ length: AT_ONCE }, askOneByOne));
  record.close();
}

function endedRuns(facts: readonly string[]): Map<string, WaitFor> {
  const runs = new Map<string, WaitFor>();
  for (const fact of facts.map(parseFact)) {
    if (!endsRun(fact)) continue;
    const { namespace, container, pid } = fact;
    runs.set(runOf(fact), { namespace, container, condition: { kind: 'pid', pid } });
  }
  return runs;
}
