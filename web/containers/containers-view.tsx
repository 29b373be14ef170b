import { useState } from 'preact/hooks';
import { goTo, withSettings, type ViewAddress } from '../shell/address.js';
import { useKeys } from '../shell/keys.js';
import { formatMoment } from '../shell/time-text.js';
import { AsOf } from './as-of.js';
import { ContainerDetails } from './container-details.js';
import { searchRows, type ContainerRuns } from './run-history.js';
import { OUTCOME_WORDS, OUTCOMES } from './run-outcome.js';
import { RunningList } from './running-list.js';
import { SearchBox } from './search-box.js';
import { pan, within, zoom, type TimeScale } from './time-scale.js';
import { Timeline } from './timeline.js';
import { useRunHistory } from './use-run-history.js';

const ZOOM = 1.5;
/** Share of the width that an arrow key moves. */
const STEP = 0.15;

/** When each container ran and how it ended, and what ran at any moment. */
export function ContainersView({ address }: { address: ViewAddress }) {
  const { history, isLoading, error, now } = useRunHistory();
  const [width, setWidth] = useState(600);
  const search = address.settings.get('search') ?? '';
  const chosen = address.settings.get('container');
  const rows = searchRows(history.rows, search);
  const selected = history.rows.find(
    ({ container: { id, name } }) => id === chosen || name === chosen,
  );
  const asOf = momentOf(address, 'at');
  const scale = scaleOf(address, history, width);

  const change = (
    changes: Record<string, string | undefined>,
    how: 'push' | 'replace' = 'push',
  ): void => {
    goTo(withSettings(address, changes), how);
  };
  const setScale = (next: TimeScale): void => {
    const { from, to } = within(next, history);
    change({ from: isoTime(from), to: isoTime(to) }, 'replace');
  };
  const select = (row: ContainerRuns | undefined): void => {
    change({ container: row?.container.id });
  };
  const step = (by: number) => () => {
    const index = selected ? rows.indexOf(selected) : -1;
    select(rows[Math.min(rows.length - 1, Math.max(0, index + by))]);
  };
  useKeys({
    ArrowLeft: () => {
      setScale(pan(scale, -width * STEP));
    },
    ArrowRight: () => {
      setScale(pan(scale, width * STEP));
    },
    ArrowUp: step(-1),
    ArrowDown: step(1),
    '+': () => {
      setScale(zoom(scale, 1 / ZOOM, width / 2));
    },
    '-': () => {
      setScale(zoom(scale, ZOOM, width / 2));
    },
    '0': () => {
      change({ from: undefined, to: undefined }, 'replace');
    },
    Escape: () => {
      select(undefined);
    },
  });
  if (error !== undefined) return <div class="empty">{error}</div>;
  return (
    <section class="view containers" aria-label="Containers">
      <div class="tools">
        <SearchBox
          search={search}
          onSearch={(text) => {
            change({ search: text }, 'replace');
          }}
        />
        <span class="zoom">
          <button
            type="button"
            title="−"
            aria-label="Zoom out"
            onClick={() => {
              setScale(zoom(scale, ZOOM, width / 2));
            }}
          >
            −
          </button>
          <button
            type="button"
            title="+"
            aria-label="Zoom in"
            onClick={() => {
              setScale(zoom(scale, 1 / ZOOM, width / 2));
            }}
          >
            +
          </button>
          <button
            type="button"
            title="0"
            onClick={() => {
              change({ from: undefined, to: undefined }, 'replace');
            }}
          >
            all
          </button>
        </span>
        <AsOf
          history={history}
          asOf={asOf}
          onAsOf={(time) => {
            change({ at: time === undefined ? undefined : isoTime(time) }, 'replace');
          }}
        />
        <div class="strip">
          <Legend />
          <span class="count" role="status">
            {isLoading ? 'loading…' : `${rows.length} of ${history.rows.length} containers`}
          </span>
        </div>
      </div>
      <div class="split">
        {rows.length === 0 ? (
          <NoContainers search={search} isLoading={isLoading} />
        ) : (
          <Timeline
            rows={rows}
            scale={scale}
            now={now}
            asOf={asOf}
            selected={selected}
            onScale={setScale}
            onWidth={setWidth}
            onSelect={select}
          />
        )}
        {selected ? (
          <ContainerDetails
            row={selected}
            onClose={() => {
              select(undefined);
            }}
          />
        ) : (
          asOf !== undefined && (
            <RunningList
              rows={rows}
              time={asOf}
              title={`Running at ${formatMoment(asOf)}`}
              onSelect={select}
            />
          )
        )}
      </div>
    </section>
  );
}

function Legend() {
  return (
    <ul class="legend" aria-label="Colours">
      {OUTCOMES.map((outcome) => (
        <li key={outcome}>
          <i class={`swatch ${outcome}`} />
          {OUTCOME_WORDS[outcome]}
        </li>
      ))}
    </ul>
  );
}

function NoContainers({ search, isLoading }: { search: string; isLoading: boolean }) {
  if (isLoading) return <div class="empty">Reading the history…</div>;
  if (search !== '') return <div class="empty">No container matches “{search}”.</div>;
  return (
    <div class="empty">
      <p>No container has run yet as far as the history says. Record an engine:</p>
      <pre class="mono">foghorn record docker --from /var/run/docker.sock</pre>
    </div>
  );
}

function momentOf({ settings }: ViewAddress, name: string): number | undefined {
  const time = Date.parse(settings.get(name) ?? '');
  return Number.isNaN(time) ? undefined : time;
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

/** The span of the address; otherwise the whole history with a little space at its end. */
function scaleOf(
  address: ViewAddress,
  history: { from: number; to: number },
  width: number,
): TimeScale {
  const from = momentOf(address, 'from');
  const to = momentOf(address, 'to');
  if (from !== undefined && to !== undefined && from < to) return { from, to, width };
  const margin = Math.max(1000, (history.to - history.from) * 0.02);
  return { from: history.from - margin, to: history.to + margin, width };
}
