import type { ComponentChildren } from 'preact';
import type { ApiConsumer, ApiReader, ApiRecorder } from '../api/broker.js';
import { formatBytes, formatCount } from '../shell/number-text.js';
import { agoText } from '../shell/time-text.js';

const SHOWN_ROWS = 100;

/** Subscriptions, the slowest first. */
export function Readers({ readers }: { readers: readonly ApiReader[] }) {
  const sorted = [...readers].sort((a, b) => b.lag - a.lag);
  return (
    <Table
      title="Readers"
      columns={['caller', 'since', 'state', 'behind']}
      rows={sorted.map(({ id, caller, opened_at, state, lag }) => (
        <tr key={id}>
          <td>{caller || 'local'}</td>
          <td>{agoText(opened_at)}</td>
          <td>{state}</td>
          <td class={lag > 0 ? 'warning' : ''}>{lag === 0 ? 'up to date' : formatCount(lag)}</td>
        </tr>
      ))}
    >
      No reader is connected. Try <code class="mono">foghorn events</code>.
    </Table>
  );
}

/** Recorders since the start of the broker, those that have gone too. */
export function Recorders({ recorders }: { recorders: readonly ApiRecorder[] }) {
  return (
    <Table
      title="Recorders"
      columns={['daemon', 'namespace', 'state', 'since', 'waiting']}
      rows={recorders.map(({ kind, namespace, state, since, reason, spool }) => (
        <tr key={`${kind} ${namespace ?? ''}`}>
          <td>{kind}</td>
          <td>{namespace ?? 'all'}</td>
          <td class={state === 'attached' ? '' : 'warning'} title={reason ?? ''}>
            {state.replace('_', ' ')}
          </td>
          <td>{agoText(since)}</td>
          <td>{spool === null ? '–' : formatCount(spool.entries)}</td>
        </tr>
      ))}
    >
      Nothing is recorded. Try{' '}
      <code class="mono">foghorn record docker --from /var/run/docker.sock</code>.
    </Table>
  );
}

/** Durable consumers and what they have still to do. */
export function Consumers({ consumers }: { consumers: readonly ApiConsumer[] }) {
  return (
    <Table
      title="Consumers"
      columns={['name', 'members', 'behind', 'at work', 'parked', 'holds', 'state']}
      rows={consumers.map(({ name, members, lag, in_flight, parked, paused, ...hold }) => (
        <tr key={name}>
          <td>{name}</td>
          <td>{members}</td>
          <td>{lag === 0 ? 'up to date' : formatCount(lag)}</td>
          <td>{formatCount(in_flight)}</td>
          <td class={parked > 0 ? 'warning' : ''}>{formatCount(parked)}</td>
          <td class={hold.hold_exceeded ? 'warning' : ''}>{holdText(hold)}</td>
          <td class={paused === '' ? '' : 'warning'}>{paused === '' ? 'delivers' : paused}</td>
        </tr>
      ))}
    >
      No durable consumer yet. Try <code class="mono">foghorn on NAME -- COMMAND</code>.
    </Table>
  );
}

/** Events that retention keeps for a consumer. */
function holdText({
  hold_bytes,
  hold_exceeded,
}: Pick<ApiConsumer, 'hold_bytes' | 'hold_exceeded'>): string {
  if (hold_bytes === 0) return '–';
  return `${hold_exceeded ? 'exceeded ' : ''}${formatBytes(hold_bytes)}`;
}

/** Rows under a title; the children stand in the place of a table without rows. */
function Table(props: {
  title: string;
  columns: readonly string[];
  rows: readonly ComponentChildren[];
  children: ComponentChildren;
}) {
  const { title, columns, rows, children } = props;
  return (
    <section class="panel" aria-label={title}>
      <h2>{title}</h2>
      {rows.length === 0 ? (
        <p>{children}</p>
      ) : (
        <table>
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column}>{column}</th>
              ))}
            </tr>
          </thead>
          <tbody>{rows.slice(0, SHOWN_ROWS)}</tbody>
        </table>
      )}
    </section>
  );
}
