import { copyFile, readFile } from 'node:fs/promises';
import { ConsumerFacts, type ConsumerClock } from '../facts.js';
import type { FactsChange } from '../facts-change.js';
import { LocalConsumerStore, type LoggedChange } from '../local-store.js';
import type { LeaseLine } from '../lease-log.js';
import { ChangeFile } from './change-file.js';
import { LeaseFile, readLeases } from './lease-file.js';
import { decodeChange, decodeLines, type StoredLoggedChange } from './lines.js';

export interface FileStoreOptions {
  /** Offset of the newest entry of the history: nothing after it can have been leased. */
  readonly last: number;
  /** Changes with each boot of the machine; undefined if that cannot be known. */
  readonly boot: string | undefined;
  /** Called with a sentence for the operator about damage. */
  readonly warn: (text: string) => void;
}

/**
 * Opens the consumers of an embedded history, from a log of changes in one file. The history's
 * owner alone may open it. Changes after damaged bytes are not used: events that they settled are
 * delivered again. A second file, `path` with the suffix `.leases`, has the leases.
 */
export async function openConsumerFile(
  path: string,
  clock: ConsumerClock,
  options: FileStoreOptions,
): Promise<LocalConsumerStore> {
  const log = await readIfThere(path);
  const { contents, end } = decodeLines(log);
  // A write that was cut short has no line end; other bytes were stored once.
  if (log.indexOf(10, end) >= 0) {
    await copyFile(path, `${path}.damaged`);
    options.warn(
      `${path} is damaged after byte ${end}: events that consumers acknowledged later are ` +
        `delivered again (a copy is in ${path}.damaged)`,
    );
  }
  const consumers = new Map<string, ConsumerFacts>();
  for (const stored of contents as StoredLoggedChange[]) {
    replay(consumers, decodeChange(stored), clock);
  }
  const leases = await openLeases(`${path}.leases`, consumers, options);
  const file = await ChangeFile.open(path, end, {
    running: () => lines(consumers, (facts) => facts.compacted()),
    closing: () => lines(consumers, (facts) => facts.released()),
  });
  return new LocalConsumerStore(consumers, file, clock, leases);
}

/** Takes over the leases of a process that was killed, and begins to keep those of this one. */
async function openLeases(
  path: string,
  consumers: ReadonlyMap<string, ConsumerFacts>,
  { last, boot, warn }: FileStoreOptions,
): Promise<LeaseFile | undefined> {
  const known = await readLeases(path, boot);
  for (const line of known ?? []) {
    const facts = consumers.get(line.name);
    if (facts?.lasting.generation === line.generation) facts.restore(line);
  }
  for (const facts of consumers.values()) {
    if (known === undefined) facts.beginHold(last);
    else facts.endRestored();
  }
  if (boot === undefined) return undefined;
  return LeaseFile.open(path, boot, () => unanswered(consumers), warn);
}

function* unanswered(consumers: ReadonlyMap<string, ConsumerFacts>): Generator<LeaseLine> {
  for (const facts of consumers.values()) yield* facts.unanswered();
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
