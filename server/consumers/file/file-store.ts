import { copyFile, readFile } from 'node:fs/promises';
import { ConsumerFacts, type ConsumerClock } from '../facts.js';
import type { FactsChange } from '../facts-change.js';
import { LocalConsumerStore, type LoggedChange } from '../local-store.js';
import { ChangeFile } from './change-file.js';
import { decodeLines } from './lines.js';

export interface FileStoreOptions {
  /** Offset of the newest entry of the history: nothing after it can have been leased. */
  readonly last: number;
  /** Called with a sentence for the operator about damage. */
  readonly warn: (text: string) => void;
}

/**
 * Opens the consumers of an embedded history, from a log of changes in one file. The history's
 * owner alone may open it. Changes after damaged bytes are not used: events that they settled are
 * delivered again.
 */
export async function openConsumerFile(
  path: string,
  clock: ConsumerClock,
  { last, warn }: FileStoreOptions,
): Promise<LocalConsumerStore> {
  const log = await readIfThere(path);
  const { changes, end } = decodeLines(log);
  // A write that was cut short has no line end; other bytes were stored once.
  if (log.indexOf(10, end) >= 0) {
    await copyFile(path, `${path}.damaged`);
    warn(
      `${path} is damaged after byte ${end}: events that consumers acknowledged later are ` +
        `delivered again (a copy is in ${path}.damaged)`,
    );
  }
  const consumers = new Map<string, ConsumerFacts>();
  for (const change of changes) replay(consumers, change, clock);
  for (const facts of consumers.values()) facts.beginHold(last);
  const file = await ChangeFile.open(path, end, {
    running: () => lines(consumers, (facts) => facts.compacted()),
    closing: () => lines(consumers, (facts) => facts.released()),
  });
  return new LocalConsumerStore(consumers, file, clock);
}

async function readIfThere(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}

function replay(
  consumers: Map<string, ConsumerFacts>,
  { name, change }: LoggedChange,
  clock: ConsumerClock,
): void {
  const facts = consumers.get(name);
  if (change === undefined) consumers.delete(name);
  else if (change.lasting !== undefined && facts?.lasting.createdAt !== change.lasting.createdAt) {
    consumers.set(name, new ConsumerFacts(change.lasting, clock));
  } else facts?.apply(change);
}

function* lines(
  consumers: ReadonlyMap<string, ConsumerFacts>,
  changesOf: (facts: ConsumerFacts) => Iterable<FactsChange>,
): Generator<LoggedChange> {
  for (const [name, facts] of consumers) {
    for (const change of changesOf(facts)) yield { name, change };
  }
}
