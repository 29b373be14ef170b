import { useEffect, useState } from 'preact/hooks';
import { parsePrometheus, type Scrape } from './prometheus-text.js';

const INTERVAL_MS = 2000;
/** A quarter of an hour. */
const MAX_SCRAPES = 450;

export interface TimedScrape {
  /** ms */
  readonly time: number;
  readonly scrape: Scrape;
}

export interface Scrapes {
  readonly all: readonly TimedScrape[];
  readonly error: string | undefined;
}

/** Scrapes of the broker's metrics since the view was opened. */
export function useScrapes(): Scrapes {
  const [scrapes, setScrapes] = useState<Scrapes>({ all: [], error: undefined });
  useEffect(() => {
    const abort = new AbortController();
    const once = async (): Promise<void> => {
      try {
        const answer = await fetch('/metrics', { signal: abort.signal });
        if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
        const scrape = parsePrometheus(await answer.text());
        const added = { time: Date.now(), scrape };
        setScrapes(({ all }) => ({ all: [...all, added].slice(-MAX_SCRAPES), error: undefined }));
      } catch (error) {
        if (abort.signal.aborted) return;
        setScrapes(({ all }) => ({ all, error: (error as Error).message }));
      }
    };
    void once();
    const timer = setInterval(() => void once(), INTERVAL_MS);
    return () => {
      clearInterval(timer);
      abort.abort();
    };
  }, []);
  return scrapes;
}

/** A number for each scrape, from it and the one before it. */
export function series(
  { all }: Scrapes,
  value: (current: TimedScrape, before: TimedScrape | undefined) => number | undefined,
): (number | null)[] {
  return all.map((scrape, i) => value(scrape, all[i - 1]) ?? null);
}

/** The increase of a counter for each second between two scrapes; a restart counts as none. */
export function rate(
  current: TimedScrape,
  before: TimedScrape | undefined,
  counter: (scrape: Scrape) => number | undefined,
): number | undefined {
  const now = counter(current.scrape);
  const then = before && counter(before.scrape);
  if (now === undefined || then === undefined || !before) return undefined;
  return Math.max(0, now - then) / ((current.time - before.time) / 1000);
}
