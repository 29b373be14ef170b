import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { eventually } from '../support/eventually.js';
import { Child } from '../support/processes/child.js';
import { Cleanup } from '../support/processes/cleanup.js';
import { freePort } from '../support/redis/free-port.js';
import type { TestServer } from '../support/test-server.js';
import {
  attachRecorder,
  AWAY,
  overtakeReader,
  startAfterJump,
  startForgetful,
  startObserved,
  startOnSmallDisk,
  storeInThePast,
} from '../support/troubles.js';

const ROOT = resolve(import.meta.dirname, '../..');
const RULES = join(ROOT, 'deploy/prometheus/foghorn-alerts.yml');
const TEN_MINUTES = 600_000_000_000n;

interface Alert {
  readonly state: string;
  readonly labels: { readonly alertname: string; readonly instance: string };
}

/** Returns the `host:port` where a broker is scraped. */
const at = ({ http }: TestServer): string => http.replace('http://', '');

/** Real brokers in real troubles, scraped by a real Prometheus with the rules of deploy/. */
describe('the alert rules in Prometheus', () => {
  const cleanup = new Cleanup();
  let directory: string;
  let prometheus: string;

  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'foghorn-prometheus-'));
    cleanup.defer(() => {
      rmSync(directory, { recursive: true });
    });
  });
  after(() => cleanup.run());

  /** Starts Prometheus with the rules, which here need not hold for minutes before they fire. */
  async function startPrometheus(brokers: readonly TestServer[]): Promise<void> {
    const impatient = readFileSync(RULES, 'utf8').replace(/^ *for: .*\n/gm, '');
    writeFileSync(join(directory, 'rules.yml'), impatient);
    const targets = brokers.map((broker) => `'${at(broker)}'`);
    writeFileSync(
      join(directory, 'prometheus.yml'),
      [
        'global: { scrape_interval: 1s, evaluation_interval: 1s }',
        'rule_files: [rules.yml]',
        'scrape_configs:',
        '  - job_name: foghorn',
        `    static_configs: [{ targets: [${targets.join(', ')}] }]`,
      ].join('\n'),
    );
    const port = await freePort();
    prometheus = `http://127.0.0.1:${port}`;
    const child = new Child('prometheus', [
      `--config.file=${join(directory, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(directory, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ]);
    cleanup.defer(() => {
      child.signal('SIGKILL');
      return child.exited.then(() => undefined);
    });
  }

  async function ask<T>(path: string): Promise<T | undefined> {
    const answer = await fetch(`${prometheus}/api/v1/${path}`).catch(() => undefined);
    return answer?.ok ? ((await answer.json()) as { data: T }).data : undefined;
  }

  /** The alerts that fire, each with the broker that it is about. */
  async function firing(): Promise<string[]> {
    const alerts = (await ask<{ alerts: readonly Alert[] }>('alerts'))?.alerts ?? [];
    return alerts
      .filter(({ state }) => state === 'firing')
      .map(({ labels: { alertname, instance } }) => `${alertname} ${instance}`);
  }

  /** Waits until Prometheus has a sample of every broker from before its trouble. */
  async function scraped(brokers: readonly TestServer[]): Promise<void> {
    await eventually(async () => {
      const found = await ask<{ result: readonly unknown[] }>('query?query=foghorn_ready');
      return found?.result.length === brokers.length;
    });
  }

  /** Asks for all events, which are more than a connection holds, and takes none. */
  function stopReading({ http }: TestServer): void {
    const { hostname, port } = new URL(http);
    const socket = connect(Number(port), hostname).pause();
    cleanup.defer(() => {
      socket.destroy();
    });
    socket.write(
      'GET /v1/events?since=1970-01-01T00:00:00Z HTTP/1.1\r\n' +
        'Host: localhost\r\nAccept: text/event-stream\r\n\r\n',
    );
  }

  it('each fire in the trouble that they are about, and none without', async () => {
    const jumpedStore = `lmdb:${join(directory, 'jumped')}`;
    const lateStore = `lmdb:${join(directory, 'late')}`;
    await storeInThePast(lateStore, TEN_MINUTES, 60);
    const { broker: full, fill } = await startOnSmallDisk(join(directory, 'disk'), cleanup);
    const jumped = await startAfterJump(jumpedStore);
    const forgetful = await startForgetful();
    const late = await startObserved({ store: lateStore });
    const gone = await startObserved();
    const calm = await startObserved();
    const away = await startObserved();
    const brokers = [full, jumped, forgetful, late, gone, calm, away];
    for (const broker of brokers) cleanup.defer(() => broker.stop());
    await startPrometheus(brokers);
    await scraped(brokers);

    const detach = await attachRecorder(forgetful);
    await overtakeReader(forgetful);
    await detach();
    cleanup.defer(await attachRecorder(away, AWAY));
    await fill();
    stopReading(late);
    await gone.drain();

    const expected = [
      `FoghornClockDoubtful ${at(jumped)}`,
      `FoghornCommitsFail ${at(full)}`,
      `FoghornDiskLow ${at(full)}`,
      `FoghornDown ${at(gone)}`,
      `FoghornNotReady ${at(full)}`,
      `FoghornReaderBehind ${at(late)}`,
      `FoghornReaderOvertaken ${at(forgetful)}`,
      `FoghornRecordedDaemonAway ${at(away)}`,
      `FoghornRecorderAway ${at(forgetful)}`,
      `FoghornRecorderBehind ${at(away)}`,
    ];
    // A scrape that takes too long on a busy machine makes FoghornDown fire for a moment.
    await eventually(async () => {
      // The machine's own disk may be low, too.
      const found = (await firing()).filter(
        (alert) => !alert.startsWith('FoghornDiskLow') || alert.endsWith(at(full)),
      );
      return String(found.sort()) === String(expected);
    });
  });
});
