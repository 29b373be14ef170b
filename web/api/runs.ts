import { fetchJson } from './problem.js';

/** A container as the HTTP API writes it. */
export interface ApiContainer {
  readonly namespace: string;
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly state: string;
  readonly created_at: string | null;
  readonly removed_at: string | null;
}

/** One start-to-exit; a time that is not known is null. */
export interface ApiRun {
  readonly started_at: string | null;
  readonly finished_at: string | null;
  readonly exit_code: number | null;
  /** Empty unless the end cannot be known. */
  readonly lost_reason: string;
  readonly last_seen: string | null;
  readonly failed_to_start: boolean;
  readonly oom: boolean;
}

export interface ApiContainerRun extends ApiRun {
  readonly container: ApiContainer;
}

/** All runs that are kept, those that still go on, too. */
export async function allRuns(signal: AbortSignal): Promise<readonly ApiContainerRun[]> {
  const { runs } = await fetchJson<{ runs: ApiContainerRun[] }>('/v1/runs?open=true', signal);
  return runs;
}
