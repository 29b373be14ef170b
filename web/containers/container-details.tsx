import { useEffect, useState } from 'preact/hooks';
import { fetchJson } from '../api/problem.js';
import type { ApiRun } from '../api/runs.js';
import type { ShownEntry } from '../now/entry.js';
import { wordsOf } from '../now/entry-words.js';
import { formatDuration, formatMoment, formatTime } from '../shell/time-text.js';
import type { ContainerRuns } from './run-history.js';
import { endWords, outcomeOf } from './run-outcome.js';

const SHOWN_RUNS = 50;
const SHOWN_EVENTS = 100;

export interface ContainerDetailsProps {
  readonly row: ContainerRuns;
  readonly onClose: () => void;
}

/** One container: image, labels, its runs, and its own events. */
export function ContainerDetails({ row, onClose }: ContainerDetailsProps) {
  const { container, runs } = row;
  const { name, id, image, namespace, labels, removed_at } = container;
  return (
    <aside class="details" aria-label={`Container ${name}`}>
      <div class="bar">
        <h2>{name}</h2>
        <span class="grow" />
        <button type="button" onClick={onClose} aria-label="Close">
          ✕
        </button>
      </div>
      <dl class="facts">
        <Status row={row} />
        <Fact name="image" value={image} />
        <Fact name="id" value={id} />
        <Fact name="namespace" value={namespace} />
        {removed_at !== null && (
          <Fact name="removed" value={formatMoment(Date.parse(removed_at))} />
        )}
      </dl>
      {Object.keys(labels).length > 0 && (
        <>
          <h3>Labels</h3>
          <dl class="facts labels">
            {Object.entries(labels).map(([label, value]) => (
              <Fact key={label} name={label} value={value} />
            ))}
          </dl>
        </>
      )}
      <h3>
        {runs.length} {runs.length === 1 ? 'run' : 'runs'}
      </h3>
      <table>
        <tbody>
          {runs
            .slice(-SHOWN_RUNS)
            .reverse()
            .map(({ run }, i) => (
              <RunRow key={runs.length - i} run={run} />
            ))}
        </tbody>
      </table>
      <h3>Events</h3>
      <OwnEvents namespace={namespace} id={id} newest={runs.length} />
    </aside>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class="mono">{value === '' ? '–' : value}</dd>
    </div>
  );
}

/** The end of the newest run, and how often the container was started again. */
function Status({ row: { runs } }: { row: ContainerRuns }) {
  const run = runs.at(-1)?.run;
  if (run === undefined) return null;
  const length = lengthOf(run);
  const verb = outcomeOf(run) === 'running' ? 'for' : 'after';
  return (
    <>
      <div>
        <dt>status</dt>
        <dd>
          <i class={`swatch ${outcomeOf(run)}`} />
          {endWords(run)}
          {length !== '' && ` ${verb} ${length}`}
        </dd>
      </div>
      <Fact name="restarts" value={`${runs.length - 1}`} />
    </>
  );
}

/** How long a run took, or has taken so far; empty where that is not known. */
function lengthOf(run: ApiRun): string {
  const { started_at, finished_at } = run;
  if (started_at === null) return '';
  const end = finished_at ?? (outcomeOf(run) === 'running' ? new Date().toISOString() : null);
  return end === null ? '' : formatDuration(Date.parse(end) - Date.parse(started_at));
}

function RunRow({ run }: { run: ApiRun }) {
  const { started_at } = run;
  return (
    <tr>
      <td class="mono">{started_at === null ? 'earlier' : formatMoment(Date.parse(started_at))}</td>
      <td>{lengthOf(run)}</td>
      <td>
        <i class={`swatch ${outcomeOf(run)}`} /> {endWords(run)}
      </td>
    </tr>
  );
}

interface OwnEventsProps {
  readonly namespace: string;
  readonly id: string;
  /** Changes when there is something new. */
  readonly newest: number;
}

function OwnEvents({ namespace, id, newest }: OwnEventsProps) {
  const [entries, setEntries] = useState<readonly ShownEntry[]>([]);
  useEffect(() => {
    const abort = new AbortController();
    const query = new URLSearchParams({
      namespace,
      container: id,
      last: `${SHOWN_EVENTS}`,
      follow: 'false',
    });
    fetchJson<{ events: ShownEntry[] }>(`/v1/events?${query.toString()}`, abort.signal).then(
      (page) => {
        setEntries([...page.events].reverse());
      },
      () => undefined,
    );
    return () => {
      abort.abort();
    };
  }, [namespace, id, newest]);
  return (
    <table>
      <tbody>
        {entries.map((entry) => {
          const { text, tone } = wordsOf(entry);
          return (
            <tr key={entry.cursor}>
              <td class="mono">{entry.timestamp && formatTime(Date.parse(entry.timestamp))}</td>
              <td class={`words ${tone}`}>{text}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
