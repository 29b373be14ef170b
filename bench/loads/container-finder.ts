import { connect } from '../../client/index.js';
import { containerIdOf } from './payload.js';

/** What the program is told, as JSON in its first argument. */
export interface ContainerFinderSettings {
  readonly address: string;
  /** How many containers the history is about. */
  readonly containers: number;
  /** Of each of them. */
  readonly events: number;
}

export interface ContainerFinderReport {
  /** Of one search, ms. */
  readonly mean: number;
  readonly slowest: number;
}

/** So many searches, or fewer when they take longer than so many ms together; but one at least. */
const WARM_UP = { most: 5, time: 2000 };
const MEASURED = { most: 20, time: 5000 };
/** Far enough from each other for each to have pages of the store of its own. */
const STEP = 7919;

/* Finds all events of one container, and then of others, by a filter over the whole history; prints its report as a line of JSON. */
const { address, containers, events } = JSON.parse(
  process.argv[2] ?? '',
) as ContainerFinderSettings;
const client = connect({ address });

/** ms */
async function search(number: number): Promise<number> {
  const begun = performance.now();
  const id = containerIdOf((number * STEP) % containers);
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
