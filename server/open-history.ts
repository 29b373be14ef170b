import type { Logger } from 'pino';
import { uptime, type Clock } from '../protocol/clock.js';
import { DURABILITY_MEANING } from '../protocol/durability.js';
import { FoghornError } from '../protocol/errors.js';
import { version } from '../protocol/version.js';
import { ClockGuard } from './history/clock-guard.js';
import { openStore, publicUrl, type OpenOptions } from './history/open.js';
import type { EventStore } from './history/store.js';
import { Trimmer, type RetentionHolds } from './history/trimmer.js';
import type { ServeOptions } from './options.js';
import { settingsForLog } from './settings-for-log.js';
import type { ServerTimings } from './timings.js';

/** Opens the store of the options, and logs all settings with what an acknowledgement means. */
export async function openHistory(
  options: ServeOptions,
  clock: Clock,
  log: Logger,
  hooks: Pick<OpenOptions, 'onFailure' | 'onTrouble' | 'observer'>,
): Promise<EventStore> {
  const store = await openStore(options.store, clock, {
    allowEvictingRedis: options.allowEvictingRedis,
    warn: (text) => {
      log.warn(`history: ${text}`);
    },
    ...hooks,
  });
  // The first line: a broker whose settings are of no use ends with a sentence alone.
  log.info({ version: version(), settings: settingsForLog(options) }, 'starting foghorn');
  const { epoch, durability } = store;
  log.info(
    { store: publicUrl(options.store), epoch, durability },
    `history opened: an acknowledged event ${DURABILITY_MEANING[durability]}`,
  );
  return store;
}

export function clockGuard({ trustClock }: ServeOptions, clock: Clock, log: Logger): ClockGuard {
  const warn = (text: string): void => {
    log.warn(`retention: ${text}`);
  };
  return new ClockGuard(clock, uptime, { isTrusted: trustClock, warn });
}

/** Starts retention, whose troubles are logged. */
export function startTrimmer(
  store: EventStore,
  { retention }: ServeOptions,
  guard: ClockGuard,
  { trimIntervalMs }: ServerTimings,
  holds: RetentionHolds,
  log: Logger,
): Trimmer {
  const onError = (error: unknown): void => {
    if (error instanceof FoghornError && error.retryable) {
      log.warn(`retention: nothing is trimmed for now: ${error.message}`);
    } else {
      log.error({ err: error }, 'retention: trimming failed, and is tried again');
    }
  };
  return new Trimmer(store, retention, guard, trimIntervalMs, onError, holds);
}
