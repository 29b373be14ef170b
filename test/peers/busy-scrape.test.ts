import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { cpuSeconds } from '../../bench/support/cpu-time.js';
import { eventually } from '../support/eventually.js';
import { forwardAll, range } from '../support/history-seed.js';
import { BrokerProcess } from '../support/processes/broker-process.js';
import { Child } from '../support/processes/child.js';
import { Cleanup } from '../support/processes/cleanup.js';
import { freePort } from '../support/redis/free-port.js';
import { ScrapedMetrics } from '../support/scraped-metrics.js';
import { Container, envelopeOf } from '../support/task-events.js';
import { TestClient } from '../support/test-client.js';

const run = promisify(execFile);

const CONTAINERS = 100_000;
const TOPICS = 10_000;
/** Events that are stored at once. */
const PART = 10_000;
const SCRAPES = 40;
/** Series of a broker, at most: 201 of events, and those of its calls, histograms and process. */
const MAX_SERIES = 500;
/** The default of Prometheus, in seconds. */
const SCRAPE_INTERVAL = 15;

describe('Prometheus scrapes a broker that stores events of many containers and topics', () => {
  const cleanup = new Cleanup();
  let origin: string;
  let broker: BrokerProcess;
  let child: Child;

  before(async () => {
    const port = await freePort();
    origin = `http://127.0.0.1:${port}`;
    broker = await BrokerProcess.create(cleanup, ['--http', `127.0.0.1:${port}`]);
    child = await broker.start();
    await child.until('serve HTTP', () => child.stdout.includes(`listening on ${origin}`));
  });
  after(() => cleanup.run());

  async function storeAll(client: TestClient): Promise<void> {
    for (let first = 0; first < CONTAINERS; first += PART) {
      const envelopes = range(first, first + PART - 1).map((number) =>
        envelopeOf(new Container(`c${number}`).oom(), {
          topic: `/topic/${number % TOPICS}`,
          namespace: `n${number % 100}`,
        }),
      );
      await forwardAll(client, envelopes);
    }
  }

  /** Starts Prometheus; the returned function asks it for the value of an expression. */
  async function startPrometheus(): Promise<(query: string) => Promise<number | undefined>> {
    const directory = mkdtempSync(join(tmpdir(), 'foghorn-scrape-'));
    const config = join(directory, 'prometheus.yml');
    const target = `[{ targets: ['${new URL(origin).host}'] }]`;
    const scraped = `[{ job_name: foghorn, static_configs: ${target} }]`;
    writeFileSync(config, `global: { scrape_interval: 1s }\nscrape_configs: ${scraped}\n`);
    const address = `127.0.0.1:${await freePort()}`;
    const prometheus = new Child('prometheus', [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(directory, 'data')}`,
      `--web.listen-address=${address}`,
    ]);
    cleanup.defer(async () => {
      prometheus.signal('SIGKILL');
      await prometheus.exited;
      rmSync(directory, { recursive: true });
    });
    return async (query) => {
      const url = `http://${address}/api/v1/query?query=${encodeURIComponent(query)}`;
      const answer = await fetch(url).catch(() => undefined);
      if (answer?.ok !== true) return undefined;
      const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } };
      const value = data.result[0]?.value[1];
      return value === undefined ? undefined : Number(value);
    };
  }

  it('with a bounded number of series, at less than a hundredth of its time', async () => {
    const client = new TestClient(broker.address);
    cleanup.defer(() => {
      client.close();
    });
    const storing = storeAll(client);
    const ask = await startPrometheus();
    await storing;
    await eventually(async () => (await ask('sum(foghorn_events_stored_total)')) === CONTAINERS);
    expect(await ask('up')).to.equal(1);
    expect(await ask('count(foghorn_events_stored_total)')).to.equal(201);
    expect(await ask('scrape_samples_scraped')).to.be.lessThan(MAX_SERIES);

    const before = cpuSeconds('the broker', child.pid!);
    for (let scrape = 0; scrape < SCRAPES; scrape++)
      await (await fetch(`${origin}/metrics`)).text();
    const each = (cpuSeconds('the broker', child.pid!) - before) / SCRAPES;
    expect(each).to.be.lessThan(SCRAPE_INTERVAL / 100);
  });

  it('whose metrics promtool finds nothing wrong with', async () => {
    const text = await (await fetch(`${origin}/metrics`)).text();
    expect(new ScrapedMetrics(text).series('foghorn_events_stored_total')).to.equal(201);
    const checked = run('promtool', ['check', 'metrics']);
    checked.child.stdin?.end(text);
    const { stdout, stderr } = await checked;
    expect(stdout + stderr).to.equal('');
  });
});
