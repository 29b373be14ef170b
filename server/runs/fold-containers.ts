import type { Caller } from '../access/caller.js';
import type { Broker } from '../broker/broker.js';
import type { ContainerKey } from '../events/filing.js';
import { foldContainer } from './container-past.js';
import { ContainerLifecycle } from './lifecycle.js';

const EVERYTHING = { after: 0, upTo: Infinity };

/** How many containers are read from the history concurrently. */
const CONCURRENT_READS = 16;

/**
 * Folds the kept entries of containers, in slices that leave time for everything else. Yields a few
 * containers at a time; keys of anything else are left out.
 *
 * @param at the moment in question, ns since 1970; undefined is now
 */
export async function* foldContainers(
  broker: Broker,
  caller: Caller,
  keys: AsyncIterable<ContainerKey> | Iterable<ContainerKey>,
  at: bigint | undefined,
): AsyncGenerator<readonly ContainerLifecycle[], void, undefined> {
  const { schedule } = broker;
  let batch: ContainerKey[] = [];
  await schedule.nextSlice();
  for await (const key of keys) {
    // Keys of other entries begin with a slash, which no container's id has.
    if (key.container.startsWith('/')) continue;
    batch.push(key);
    if (batch.length < CONCURRENT_READS) continue;
    yield await foldAll(broker, caller, batch, at);
    batch = [];
    if (!schedule.admits()) await schedule.nextSlice();
  }
  if (batch.length > 0) yield await foldAll(broker, caller, batch, at);
}

async function foldAll(
  broker: Broker,
  caller: Caller,
  keys: readonly ContainerKey[],
  at: bigint | undefined,
): Promise<readonly ContainerLifecycle[]> {
  const found = await Promise.all(keys.map((key) => foldLifecycle(broker, caller, key, at)));
  return found.filter(({ lifetimes }) => lifetimes.length > 0);
}

function foldLifecycle(
  broker: Broker,
  caller: Caller,
  key: ContainerKey,
  at: bigint | undefined,
): Promise<ContainerLifecycle> {
  return foldContainer(broker, caller, key, EVERYTHING, {
    begin: () => new ContainerLifecycle(key, at),
    take(lifecycle, view) {
      lifecycle.add(view);
      return true;
    },
  });
}
