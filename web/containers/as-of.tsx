import { formatMoment } from '../shell/time-text.js';
import { runAt, type RunHistory } from './run-history.js';

const STEPS = 1000;

export interface AsOfProps {
  readonly history: RunHistory;
  /** ms; undefined for now. */
  readonly asOf: number | undefined;
  readonly onAsOf: (time: number | undefined) => void;
}

/** Chooses a moment of the history, and says how many containers ran then. */
export function AsOf({ history, asOf, onAsOf }: AsOfProps) {
  const { rows, from, to } = history;
  const span = Math.max(1, to - from);
  const time = asOf ?? to;
  const running = rows.filter((row) => runAt(row, time) !== undefined).length;
  return (
    <span class="as-of">
      <label>
        as of{' '}
        <input
          type="range"
          min={0}
          max={STEPS}
          value={Math.round(((time - from) / span) * STEPS)}
          aria-valuetext={formatMoment(time)}
          onInput={({ currentTarget }) => {
            const position = Number(currentTarget.value);
            onAsOf(position >= STEPS ? undefined : from + (position / STEPS) * span);
          }}
        />
      </label>
      <output>
        {asOf === undefined ? 'now' : formatMoment(time)}: {running} running
      </output>
    </span>
  );
}
