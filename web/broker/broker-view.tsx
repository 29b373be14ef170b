import type { ApiActivity, ApiDescription, ApiReadiness, ApiTrouble } from '../api/broker.js';
import { formatBytes, formatCount } from '../shell/number-text.js';
import { agoText, formatDuration } from '../shell/time-text.js';
import { BrokerCharts } from './broker-charts.js';
import { useBrokerSamples } from './broker-samples.js';
import { Consumers, Readers, Recorders } from './broker-tables.js';

/** Troubles, rates, latency, storage, and who reads, records and consumes. */
export function BrokerView() {
  const { all, error } = useBrokerSamples();
  const newest = all.at(-1);
  return (
    <section class="broker" aria-label="Broker">
      {error !== undefined && (
        <p class="panel bad" role="alert">
          The broker does not answer: {error}
        </p>
      )}
      {newest && (
        <>
          <Troubles readiness={newest.readiness} />
          {newest.description && (
            <Storage description={newest.description} activity={newest.activity} />
          )}
          <div class="charts">
            <BrokerCharts samples={all} />
          </div>
          <div class="tables">
            {newest.readers && <Readers readers={newest.readers} />}
            {newest.recorders && <Recorders recorders={newest.recorders} />}
            {newest.consumers && <Consumers consumers={newest.consumers} />}
          </div>
        </>
      )}
    </section>
  );
}

function Troubles({ readiness: { reasons, warnings } }: { readiness: ApiReadiness }) {
  if (reasons.length + warnings.length === 0) return null;
  return (
    <div class="panel" role="alert">
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

function Storage({
  description,
  activity,
}: {
  description: ApiDescription;
  activity: ApiActivity | undefined;
}) {
  const { store, version, durability, retention, first, last } = description;
  return (
    <div class="panel">
      <dl class="figures">
        <Figure name="events kept" value={formatCount(description.entry_count)} />
        <Figure name="oldest" value={agoText(first?.stored_at)} />
        <Figure name="newest" value={agoText(last?.stored_at)} />
        <Figure name="removed by retention" value={formatCount(description.trimmed_count)} />
        <Figure name="exits kept longer" value={formatCount(description.kept_exit_count)} />
        <Figure name="on disk" value={formatBytes(description.stored_bytes)} />
        {activity?.disk && (
          <Figure
            name="disk free"
            value={formatBytes(activity.disk.free)}
            note={`of ${formatBytes(activity.disk.size)}`}
          />
        )}
        {activity?.headroom_seconds != null && (
          <Figure
            name="until the size limit"
            value={formatDuration(activity.headroom_seconds * 1000)}
          />
        )}
        <Figure name="readers" value={formatCount(description.subscription_count)} />
        {activity && <Figure name="open waits" value={formatCount(activity.open_waits)} />}
        {activity?.redis && (
          <Figure name="Redis reconnects" value={formatCount(activity.redis.reconnects)} />
        )}
      </dl>
      <p>
        Foghorn {version} on <span class="mono">{store}</span>, durability {durability}, keeps{' '}
        {retentionText(retention)}.
      </p>
    </div>
  );
}

function Figure({ name, value, note }: { name: string; value: string; note?: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {value}
        {note !== undefined && <small> {note}</small>}
      </dd>
    </div>
  );
}

function retentionText({ age_seconds: age, bytes, count }: ApiDescription['retention']): string {
  const limits = [
    age === null ? '' : formatDuration(age * 1000),
    bytes === null ? '' : formatBytes(bytes),
    count === null ? '' : `${formatCount(count)} events`,
  ].filter(Boolean);
  return limits.length === 0 ? 'everything' : `at most ${limits.join(' or ')}`;
}
