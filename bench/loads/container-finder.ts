import { connect } from '../../client/index.js';
import { containerIdOf } from './payload.js';

/** The program's first argument, as JSON. */
export interface ContainerFinderSettings {
  readonly address: string;
  /** Number of containers in the history. */
  readonly containers: number;
  /** Events per container. */
  readonly events: number;
}

export interface ContainerFinderReport {
  /** Mean duration of a search, ms. */
  readonly mean: number;
  /** Duration of the slowest search, ms. */
  readonly slowest: number;
}

/**
 * Limits of a series of searches: their number, and their total time in ms; at least one is made.
 */
const WARM_UP = { most: 5, time: 2000 };
const MEASURED = { most: 20, time: 5000 };
/**
 * Distance between searched containers, large enough that each lies on its own pages of the store.
 */
const CONTAINER_STRIDE = 7919;

/*
 * Finds all events of one container after another by a filter over the whole history, and prints
 * its report as a line of JSON.
 */
const { address, containers, events } = JSON.parse(
  process.argv[2] ?? '',
) as ContainerFinderSettings;
const client = connect({ address });

/** Resolves with the duration in ms. */
async function search(number: number): Promise<number> {
  const begun = performance.now();
  const id = containerIdOf((number * CONTAINER_STRIDE) % containers);
  const filters = [`event.container_id==${id}`];
  let count = 0;
  for await (const message of client.read({ filters, start: 'earliest', stopWhenCaughtUp: true })) {
    if (message.kind === 'entries') count += message.entries.length;
  }
  if (count !== events)
    throw new Error(`expected ${events} events of container ${id}, got ${count}`);
  return performance.now() - begun;
}

let searches = 0;
async function searchAgain({ most, time }: typeof WARM_UP): Promise<number[]> {
  const times: number[] = [];
  const begun = performance.now();
  do times.push(await search(searches++));
  while (times.length < most && performance.now() - begun < time);
  return times;
}

await searchAgain(WARM_UP);
const times = await searchAgain(MEASURED);
const report: ContainerFinderReport = {
  mean: times.reduce((sum, time) => sum + time, 0) / times.length,
  slowest: Math.max(...times),
};
console.log(JSON.stringify(report));
await client.close();
