import { publicUrl } from './history/open.js';
import type { ServeOptions } from './options.js';

const NANOS_PER_SECOND = 1e9;

/** The settings of a broker as its log has them: all of them, and no secrets. */
export function settingsForLog(options: ServeOptions): Readonly<Record<string, unknown>> {
  const { store, retention, engine, ...others } = options;
  const { age, lastingAge, ...limits } = retention;
  return {
    store: publicUrl(store),
    ...others,
    engine: engine?.text,
    retention: {
      ageSeconds: secondsOf(age),
      lastingAgeSeconds: secondsOf(lastingAge),
      ...limits,
    },
  };
}

function secondsOf(nanos: bigint | undefined): number | undefined {
  return nanos === undefined ? undefined : Number(nanos) / NANOS_PER_SECOND;
}
