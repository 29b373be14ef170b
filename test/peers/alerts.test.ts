import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { METRICS } from '../../server/metrics/catalog.js';
import { scrapeMetrics } from '../support/scraped-metrics.js';
import { TestServer } from '../support/test-server.js';

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, '../..');
const RULES = join(ROOT, 'deploy/prometheus/foghorn-alerts.yml');

/** For each alert: series of its trouble, at intervals of 15 s, and when it fires. */
const TROUBLES: Readonly<Record<string, { readonly series: readonly string[]; at: string }>> = {
  FoghornDown: { series: ["up{job='foghorn'} 1 0x20"], at: '2m' },
  FoghornNotReady: { series: ['foghorn_ready 1 0x20'], at: '2m' },
  FoghornCommitsFail: {
    series: ["foghorn_commits_failed_total{code='RESOURCE_EXHAUSTED'} 0 0 3 3 3 3"],
    at: '1m',
  },
  FoghornDiskLow: {
    series: ['foghorn_disk_free_bytes 9x40', 'foghorn_disk_size_bytes 100x40'],
    at: '6m',
  },
  FoghornClockDoubtful: { series: ['foghorn_clock_doubtful 1x40'], at: '6m' },
  FoghornReaderOvertaken: {
    series: ["foghorn_gaps_total{reason='trimmed'} 0 0 1 1 1 1"],
    at: '1m',
  },
  FoghornReaderBehind: { series: ['foghorn_slowest_subscriber_lag_seconds 301x40'], at: '6m' },
  FoghornRecorderAway: { series: ['foghorn_recorders_missing 0 1x20'], at: '4m' },
  FoghornRecordedDaemonAway: {
    series: ["foghorn_recorders_daemon_away{kind='docker'} 0 1x20"],
    at: '4m',
  },
  FoghornRecorderBehind: {
    series: [
      "foghorn_recorder_lag_seconds{kind='docker'} 301x40",
      "foghorn_recorder_spool_entries{kind='docker'} 7x40",
    ],
    at: '6m',
  },
};

/** The same series of a broker without trouble. */
const CALM = [
  "up{job='foghorn'} 1x60",
  'foghorn_ready 1x60',
  "foghorn_commits_failed_total{code='RESOURCE_EXHAUSTED'} 3x60",
  'foghorn_disk_free_bytes 90x60',
  'foghorn_disk_size_bytes 100x60',
  'foghorn_clock_doubtful 0x60',
  "foghorn_gaps_total{reason='trimmed'} 2x60",
  'foghorn_slowest_subscriber_lag_seconds 2x60',
  'foghorn_recorders_missing 0x60',
  "foghorn_recorders_daemon_away{kind='docker'} 0x60",
  "foghorn_recorder_lag_seconds{kind='docker'} 2x60",
  "foghorn_recorder_spool_entries{kind='docker'} 7x60",
];

describe('what deploy/ has for Prometheus', () => {
  let directory: string;

  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'foghorn-alerts-'));
  });
  after(() => {
    rmSync(directory, { recursive: true });
  });

  const rules = readFileSync(RULES, 'utf8');
  const alerts = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name]) => name!);

  /** Runs promtool with one test; rejects with its output. */
  async function promtool(series: readonly string[], at: string, checks: string): Promise<void> {
    const file = join(directory, 'test.yml');
    const input = series.map((each) => {
      const [, name, values] = /^(\S+) (.*)$/.exec(each) ?? [];
      return `      - { series: "${name}", values: '${values}' }`;
    });
    writeFileSync(
      file,
      [
        `rule_files: [${RULES}]`,
        'evaluation_interval: 15s',
        'tests:',
        '  - interval: 15s',
        '    input_series:',
        ...input,
        '    promql_expr_test:',
        `      - { expr: 'count(ALERTS{alertstate="firing"${checks}}) or vector(0)', eval_time: ${at}, exp_samples: [{ labels: '{}', value: ${checks === '' ? 0 : 1} }] }`,
      ].join('\n'),
    );
    await run('promtool', ['test', 'rules', file]);
  }

  it('has a trouble for each alert', () => {
    expect(Object.keys(TROUBLES)).to.have.members(alerts);
  });

  for (const [alert, { series, at }] of Object.entries(TROUBLES)) {
    it(`fires ${alert} in its trouble`, () => promtool(series, at, `,alertname="${alert}"`));
  }

  it('fires nothing without trouble', () => promtool(CALM, '12m', ''));

  it('asks only for metrics that a broker has, in rules and dashboard', async () => {
    const server = await TestServer.start({ http: ['127.0.0.1:0'] });
    const { text } = await scrapeMetrics(server.http);
    const board = readFileSync(join(ROOT, 'deploy/grafana/foghorn.json'), 'utf8');
    const asked = new Set(
      `${rules}${board}`.match(/\b(?:foghorn|process|nodejs)_[a-z0-9_]+(?=[{ )\[\\])/g),
    );
    const declared = METRICS.map(({ name }) => name);
    const known = [...declared, ...declared.map((name) => `${name}_bucket`)];
    const missing = [...asked].filter(
      (name) => !known.includes(name) && !text.includes(`# TYPE ${name} `),
    );
    expect(missing).to.deep.equal([]);
    await server.stop();
  });

  it('has metrics that promtool accepts', async () => {
    const server = await TestServer.start({ http: ['127.0.0.1:0'] });
    const { text } = await scrapeMetrics(server.http);
    const checked = run('promtool', ['check', 'metrics']);
    checked.child.stdin?.end(text);
    const { stdout, stderr } = await checked;
    // These names come from the library.
    const ours = `${stdout}${stderr}`.split('\n').filter((line) => line.includes('foghorn_'));
    expect(ours).to.deep.equal([]);
    await server.stop();
  });
});
