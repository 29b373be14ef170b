import { useEffect, useState } from 'preact/hooks';
import { allRuns } from '../api/runs.js';
import { runHistory, type RunHistory } from './run-history.js';

/** Time until the history is loaded again, unless a run begins or ends before. */
const REFRESH_MS = 15_000;
/** Runs that begin or end together are loaded together. */
const SETTLE_MS = 400;
/** Events that begin or end a run. */
const CHANGES =
  'topic~="^/(tasks/(start|exit)|containers/(create|delete)|docker/container/(create|start|die|destroy|rename)|foghorn/.*)$"';

export interface LoadedHistory {
  readonly history: RunHistory;
  readonly isLoading: boolean;
  readonly error: string | undefined;
  /** ms; the end of the timeline. */
  readonly now: number;
}

/** All runs that the history has, kept up to date. */
export function useRunHistory(): LoadedHistory {
  const [loaded, setLoaded] = useState<LoadedHistory>(() => {
    const now = Date.now();
    return { history: { rows: [], from: now, to: now }, isLoading: true, error: undefined, now };
  });
  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isLoading = false;
    /** Changes that came while the history was loading. */
    const changed: unknown[] = [];
    const plan = (ms: number): void => {
      clearTimeout(timer);
      timer = setTimeout(() => void load(), ms);
    };
    const load = async (): Promise<void> => {
      isLoading = true;
      const outcome = await loadHistory(abort.signal);
      if (abort.signal.aborted) return;
      setLoaded((last) => ({ ...last, ...outcome, isLoading: false }));
      isLoading = false;
      plan(changed.splice(0).length > 0 ? SETTLE_MS : REFRESH_MS);
    };
    const changes = new EventSource(`/v1/events?filter=${encodeURIComponent(CHANGES)}&since=now`);
    changes.onmessage = ({ lastEventId }) => {
      if (isLoading) changed.push(lastEventId);
      else plan(SETTLE_MS);
    };
    void load();
    return () => {
      abort.abort();
      clearTimeout(timer);
      changes.close();
    };
  }, []);
  return loaded;
}

async function loadHistory(
  signal: AbortSignal,
): Promise<Pick<LoadedHistory, 'history' | 'error' | 'now'> | Pick<LoadedHistory, 'error'>> {
  try {
    const all = await allRuns(signal);
    const now = Date.now();
    return { history: runHistory(all, now), error: undefined, now };
  } catch (error) {
    return { error: `The history could not be read: ${(error as Error).message}` };
  }
}
