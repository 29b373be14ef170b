import { formatDuration } from '../shell/time-text.js';
import { runAt, type ContainerRuns } from './run-history.js';

const MAX_SHOWN = 500;

export interface RunningListProps {
  readonly rows: readonly ContainerRuns[];
  /** ms */
  readonly time: number;
  readonly title: string;
  readonly onSelect: (row: ContainerRuns) => void;
}

/** Containers that ran at a moment. */
export function RunningList({ rows, time, title, onSelect }: RunningListProps) {
  const running = rows.flatMap((row) => {
    const span = runAt(row, time);
    return span === undefined ? [] : [{ row, since: span.start }];
  });
  return (
    <aside class="details" aria-label={title}>
      <h2>{title}</h2>
      {running.length === 0 && <p>Nothing ran then.</p>}
      <table>
        <tbody>
          {running.slice(0, MAX_SHOWN).map(({ row, since }) => (
            <tr key={`${row.container.namespace}/${row.container.id}`}>
              <td>
                <button
                  type="button"
                  class="link"
                  onClick={() => {
                    onSelect(row);
                  }}
                >
                  {row.container.name}
                </button>
              </td>
              <td class="image">{row.container.image}</td>
              <td>for {formatDuration(time - since)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {running.length > MAX_SHOWN && <p>and {running.length - MAX_SHOWN} more</p>}
    </aside>
  );
}
