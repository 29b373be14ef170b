import { useEffect, useMemo, useReducer, useState } from 'preact/hooks';
import { goTo, withSettings, type ViewAddress } from '../shell/address.js';
import { useKeys } from '../shell/keys.js';
import { useMedia } from '../shell/media.js';
import { ContainerNames } from './container-names.js';
import type { ShownEntry } from './entry.js';
import { EntryDetails } from './entry-details.js';
import { EntryRow } from './entry-row.js';
import { EventFeed, type FeedState } from './event-feed.js';
import { FieldNames } from './field-names.js';
import { FilterBox } from './filter-box.js';
import { TimeJump } from './time-jump.js';
import { VirtualRows } from './virtual-rows.js';

/** px; on a phone a row has two lines. */
const ROW_HEIGHT = { wide: 30, narrow: 52 };

/** The newest rows, whose fields are offered for filters. */
const FIELD_SOURCES = 300;

const STATES: Record<FeedState, string> = {
  connecting: 'connecting',
  live: 'live',
  lost: 'reconnecting',
  refused: 'refused',
};

/** The live tail of the history as a table. */
export function NowView({ address }: { address: ViewAddress }) {
  const filter = address.settings.get('filter') ?? '';
  const since = address.settings.get('since');
  const [fields] = useState(() => new FieldNames());
  const [selected, setSelected] = useState<number>();
  const [isOpen, setOpen] = useState(false);
  const [isFollowing, setFollowing] = useState(true);
  const [, update] = useReducer((version: number) => version + 1, 0);
  const [names] = useState(
    () =>
      new ContainerNames(() => {
        update(undefined);
      }),
  );
  const feed = useFeed(filter, since);
  const isNarrow = useMedia('(max-width: 640px)');
  const rowHeight = isNarrow ? ROW_HEIGHT.narrow : ROW_HEIGHT.wide;
  const collectFields = (): void => {
    const { first, end } = feed.rows;
    for (let at = Math.max(first, end - FIELD_SOURCES); at < end; at++) {
      const row = feed.rows.at(at);
      if (row?.kind === 'entry') fields.add((JSON.parse(row.text) as ShownEntry).event);
    }
  };
  const change = (changes: Record<string, string | undefined>): void => {
    setSelected(undefined);
    setFollowing(true);
    goTo(withSettings(address, changes));
  };
  const togglePause = (): void => {
    if (feed.isPaused) feed.resume();
    else feed.pause();
  };
  const move = (by: number) => () => {
    const { first, end } = feed.rows;
    if (end === first) return;
    setFollowing(false);
    setSelected(Math.min(end - 1, Math.max(first, (selected ?? end) + by)));
  };
  useKeys({
    ' ': togglePause,
    End: () => {
      setFollowing(true);
    },
    ArrowUp: move(-1),
    ArrowDown: move(1),
    Enter: () => {
      setOpen(selected !== undefined);
    },
    Escape: () => {
      setOpen(false);
    },
  });
  const open = isOpen && selected !== undefined ? feed.rows.at(selected) : undefined;
  return (
    <section class="view now" aria-label="Now">
      <div class="tools">
        <FilterBox
          filter={filter}
          fields={fields}
          onEdit={collectFields}
          onFilter={(text) => {
            change({ filter: text });
          }}
        />
        <TimeJump
          since={since}
          onJump={(time) => {
            change({ since: time });
          }}
        />
        <button type="button" onClick={togglePause} aria-pressed={feed.isPaused} title="space">
          {feed.isPaused ? `continue (${feed.waiting} waiting)` : 'pause'}
        </button>
        <button
          type="button"
          aria-pressed={isFollowing}
          title="End"
          onClick={() => {
            setFollowing(!isFollowing);
          }}
        >
          follow
        </button>
        <span class={`state ${feed.state}`} role="status">
          {STATES[feed.state]}
        </span>
        <span class="count">{feed.received.toLocaleString('en')} events</span>
      </div>
      <div class="split">
        <div class="table">
          <div class="row head" aria-hidden="true">
            <span>time</span>
            <span>namespace</span>
            <span>container</span>
            <span>what happened</span>
            <span>image, or payload</span>
          </div>
          {feed.rows.length === 0 ? (
            <NothingYet filter={filter} state={feed.state} />
          ) : (
            <VirtualRows
              first={feed.rows.first}
              end={feed.rows.end}
              rowHeight={rowHeight}
              isFollowing={isFollowing && !feed.isPaused}
              selected={selected}
              label="Events"
              onFollow={setFollowing}
              row={(sequence) => {
                const row = feed.rows.at(sequence);
                return row ? (
                  <EntryRow
                    row={row}
                    names={names}
                    isSelected={sequence === selected}
                    onSelect={() => {
                      setFollowing(false);
                      setSelected(sequence);
                      setOpen(true);
                    }}
                  />
                ) : undefined;
              }}
            />
          )}
        </div>
        {open?.kind === 'entry' && (
          <EntryDetails
            text={open.text}
            names={names}
            onFilter={(text) => {
              change({ filter: text });
            }}
            onClose={() => {
              setOpen(false);
            }}
          />
        )}
      </div>
    </section>
  );
}

function useFeed(filter: string, since: string | undefined): EventFeed {
  const [, update] = useReducer((version: number) => version + 1, 0);
  const feed = useMemo(
    () =>
      new EventFeed({ filters: filter === '' ? [] : [filter], since }, () => {
        update(undefined);
      }),
    [filter, since],
  );
  useEffect(
    () => () => {
      feed.close();
    },
    [feed],
  );
  return feed;
}

function NothingYet({ filter, state }: { filter: string; state: FeedState }) {
  if (state === 'refused') return <div class="empty">The broker refused this filter or time.</div>;
  if (filter !== '') return <div class="empty">No event matches so far. New ones appear here.</div>;
  return (
    <div class="empty">
      <p>No events yet. Record an engine or containerd:</p>
      <pre class="mono">foghorn record docker --from /var/run/docker.sock</pre>
      <pre class="mono">foghorn record containerd --from /run/containerd/containerd.sock</pre>
      <p>or publish one:</p>
      <pre class="mono">{`foghorn publish --topic /hello --json '{"a":1}'`}</pre>
    </div>
  );
}
