import type { Logger } from 'pino';
import { uptime } from '../protocol/clock.js';
import type { Broker } from './broker/broker.js';
import { DurableConsumers } from './consumers/durable-consumers.js';
import { ConsumerHolds } from './consumers/holds.js';
import { openConsumers } from './consumers/open.js';
import type { EventStore } from './history/store.js';
import { RateLimit } from './log/rate-limit.js';
import type { ServeOptions } from './options.js';
import { FilterCompiler } from './services/filters.js';

interface RunningConsumers {
  readonly consumers: DurableConsumers;
  readonly holds: ConsumerHolds;
  /** Called after `broker.drain`. */
  readonly close: () => Promise<void>;
}

/** Opens the durable consumers of a broker's history. */
export async function startConsumers(
  { store: url, retainHeld }: ServeOptions,
  history: Pick<EventStore, 'sync'>,
  broker: Broker,
  log: Logger,
): Promise<RunningConsumers> {
  const lines = new RateLimit();
  const warn = (text: string): void => {
    lines.pass((leftOut) => {
      log.warn(leftOut, `consumers: ${text}`);
    });
  };
  const { offset: last } = await history.sync();
  const store = await openConsumers(url, { last, warn });
  const compiler = new FilterCompiler(broker.schedule);
  const holds = new ConsumerHolds(store, retainHeld, warn);
  const surroundings = { broker, store, uptime: () => Number(uptime() / 1000n) / 1000, warn };
  const consumers = new DurableConsumers(
    surroundings,
    (filters) => compiler.compile(filters),
    holds,
  );
  return { consumers, holds, close: () => store.close() };
}
