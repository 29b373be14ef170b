import type { ApiContainer, ApiContainerRun, ApiRun } from '../api/runs.js';
import { outcomeOf, type RunOutcome } from './run-outcome.js';

/** A run as the timeline draws it; times in ms, the end `Infinity` while it goes on. */
export interface RunSpan {
  readonly run: ApiRun;
  readonly start: number;
  readonly end: number;
  readonly outcome: RunOutcome;
}

/** A container's runs in the order of their starts; at least one. */
export interface ContainerRuns {
  readonly container: ApiContainer;
  readonly runs: readonly RunSpan[];
}

/** The runs of all containers, and the span of time that they cover, ms. */
export interface RunHistory {
  readonly rows: readonly ContainerRuns[];
  readonly from: number;
  readonly to: number;
}

/** Joins runs by container; the container that was active last comes first. */
export function runHistory(all: readonly ApiContainerRun[], now: number): RunHistory {
  const byContainer = new Map<string, { container: ApiContainer; runs: RunSpan[] }>();
  let from = now;
  for (const run of all) {
    const { container } = run;
    const key = `${container.namespace}/${container.id}`;
    const span = { run, start: startOf(run), end: endOf(run), outcome: outcomeOf(run) };
    const row = byContainer.get(key);
    if (row) row.runs.push(span);
    else byContainer.set(key, { container, runs: [span] });
    from = Math.min(from, span.start);
  }
  const rows = [...byContainer.values()];
  for (const { runs } of rows) runs.sort((a, b) => a.start - b.start);
  rows.sort((a, b) => lastStart(b) - lastStart(a));
  return { rows, from, to: now };
}

function lastStart({ runs }: ContainerRuns): number {
  return runs.at(-1)?.start ?? 0;
}

/** The start; for a run from before the first kept entry, the first time that is known of it. */
function startOf({ started_at, last_seen, finished_at }: ApiRun): number {
  return Date.parse(started_at ?? last_seen ?? finished_at ?? '') || 0;
}

function endOf(run: ApiRun): number {
  const end = run.finished_at ?? (outcomeOf(run) === 'lost' ? run.last_seen : null);
  if (end !== null) return Date.parse(end);
  return outcomeOf(run) === 'running' ? Infinity : startOf(run);
}

/** Index of the first run that ends after a time; runs of one container do not overlap. */
export function firstEndingAfter({ runs }: ContainerRuns, time: number): number {
  let low = 0;
  let high = runs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((runs[middle]?.end ?? Infinity) > time) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The run of a container that went on at a time. */
export function runAt(row: ContainerRuns, time: number): RunSpan | undefined {
  const span = row.runs[firstEndingAfter(row, time)];
  return span && span.start <= time ? span : undefined;
}

/**
 * Rows whose name, image, namespace or labels contain every word of a search, or whose id begins
 * with it: words such as "bad" are somewhere in many ids.
 */
export function searchRows(
  rows: readonly ContainerRuns[],
  search: string,
): readonly ContainerRuns[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return rows;
  return rows.filter(({ container }) => {
    const { name, id, image, namespace, labels } = container;
    const pairs = Object.entries(labels).map(([label, value]) => `${label}=${value}`);
    const text = [name, image, namespace, ...pairs].join('\n').toLowerCase();
    return words.every((word) => text.includes(word) || id.startsWith(word));
  });
}
