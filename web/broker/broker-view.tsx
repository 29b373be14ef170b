import type { ApiDescription, ApiReader, ApiReadiness, ApiTrouble } from '../api/broker.js';
import { formatBytes, formatCount } from '../shell/number-text.js';
import { formatAgo, formatDuration } from '../shell/time-text.js';
import { BrokerCharts } from './broker-charts.js';
import { useBrokerSamples } from './broker-samples.js';

const SHOWN_READERS = 100;

/** Rates, storage, and who reads. */
export function BrokerView() {
  const { all, error } = useBrokerSamples();
  const newest = all.at(-1);
  return (
    <section class="broker" aria-label="Broker">
      {error !== undefined && (
        <p class="panel wide bad" role="alert">
          The broker does not answer: {error}
        </p>
      )}
      {newest && (
        <>
          <Troubles readiness={newest.readiness} />
          <Storage description={newest.description} />
          <BrokerCharts samples={all} />
          <Readers readers={newest.readers} />
        </>
      )}
    </section>
  );
}

function Troubles({ readiness: { reasons, warnings } }: { readiness: ApiReadiness }) {
  if (reasons.length + warnings.length === 0) return null;
  return (
    <div class="panel wide" role="alert">
      {reasons.length > 0 && <strong class="bad">Not ready to store events</strong>}
      <TroubleList troubles={reasons} />
      {warnings.length > 0 && <strong class="warning">Needs attention</strong>}
      <TroubleList troubles={warnings} />
    </div>
  );
}

function TroubleList({ troubles }: { troubles: readonly ApiTrouble[] }) {
  return (
    <ul>
      {troubles.map(({ source, reason }) => (
        <li key={source}>
          {source}: {reason}
        </li>
      ))}
    </ul>
  );
}

function Storage({ description }: { description: ApiDescription }) {
  const { store, version, durability, retention, first, last } = description;
  return (
    <div class="panel wide">
      <dl class="figures">
        <Figure name="events kept" value={formatCount(description.entry_count)} />
        <Figure name="stored" value={formatBytes(description.stored_bytes)} />
        <Figure name="exits kept longer" value={formatCount(description.kept_exit_count)} />
        <Figure name="removed by retention" value={formatCount(description.trimmed_count)} />
        <Figure name="oldest" value={agoText(first?.stored_at)} />
        <Figure name="newest" value={agoText(last?.stored_at)} />
        <Figure name="readers" value={formatCount(description.subscription_count)} />
      </dl>
      <p>
        Foghorn {version} on <span class="mono">{store}</span>, durability {durability}, keeps{' '}
        {retentionText(retention)}.
      </p>
    </div>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function agoText(time: string | null | undefined): string {
  return time ? formatAgo(Date.parse(time)) : '–';
}

function retentionText({ age_seconds: age, bytes, count }: ApiDescription['retention']): string {
  const limits = [
    age === null ? '' : formatDuration(age * 1000),
    bytes === null ? '' : formatBytes(bytes),
    count === null ? '' : `${formatCount(count)} events`,
  ].filter(Boolean);
  return limits.length === 0 ? 'everything' : `at most ${limits.join(' or ')}`;
}

function Readers({ readers }: { readers: readonly ApiReader[] }) {
  const sorted = [...readers].sort((a, b) => b.lag - a.lag);
  return (
    <div class="panel">
      <h2>Readers</h2>
      {readers.length === 0 && (
        <p>
          Nobody reads now. Try <code class="mono">foghorn events</code>.
        </p>
      )}
      <table>
        {readers.length > 0 && (
          <thead>
            <tr>
              <th>caller</th>
              <th>since</th>
              <th>state</th>
              <th>behind</th>
            </tr>
          </thead>
        )}
        <tbody>
          {sorted.slice(0, SHOWN_READERS).map(({ id, caller, opened_at, state, lag }) => (
            <tr key={id}>
              <td>{caller || 'local'}</td>
              <td>{agoText(opened_at)}</td>
              <td>{state}</td>
              <td class={lag > 0 ? 'warning' : ''}>
                {lag === 0 ? 'up to date' : formatCount(lag)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
