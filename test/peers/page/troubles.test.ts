import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { eventually } from '../../support/eventually.js';
import { Cleanup } from '../../support/processes/cleanup.js';
import { RedisServer } from '../../support/redis/redis-server.js';
import { scrapeMetrics } from '../../support/scraped-metrics.js';
import type { TestServer } from '../../support/test-server.js';
import {
  attachRecorder,
  AWAY,
  overtakeReader,
  startAfterJump,
  startForgetful,
  startObserved,
  startOnSmallDisk,
} from '../../support/troubles.js';
import { openPage, startChromium, WIDE } from './browser.js';

interface Readiness {
  readonly ready: boolean;
  readonly reasons: readonly { readonly source: string }[];
  readonly warnings: readonly { readonly source: string }[];
}

/** The places where a trouble is seen. */
interface Trouble {
  /** The beginning of a line of the log. */
  readonly logs: string;
  readonly metric: readonly [name: string, value: number, labels?: Record<string, string>];
  /** The source of the reason or the warning in `/readyz`. */
  readonly source: string;
  readonly isReady: boolean;
  readonly page: RegExp;
}

describe('each trouble is seen in log, metrics, /readyz and page', () => {
  const cleanup = new Cleanup();
  let browser: Browser;
  let directory: string;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'foghorn-seen-'));
    cleanup.defer(() => {
      rmSync(directory, { recursive: true });
    });
    browser = await startChromium(cleanup);
  });
  after(() => cleanup.run());

  async function expectSeen(server: TestServer, trouble: Trouble): Promise<void> {
    const { logs, metric, source, isReady, page: text } = trouble;
    await eventually(() => server.logged.some((line) => line.startsWith(logs)));
    const [name, value, labels] = metric;
    await eventually(async () => (await scrapeMetrics(server.http)).value(name, labels) === value);
    const answer = await fetch(`${server.http}/readyz`);
    expect(answer.status).to.equal(isReady ? 200 : 503);
    const { reasons, warnings } = (await answer.json()) as Readiness;
    const sources = (isReady ? warnings : reasons).map((each) => each.source);
    expect(sources).to.include(source);
    const context = await browser.newContext({ viewport: WIDE });
    const { page } = await openPage(context, `${server.http}/broker`);
    await page.getByRole('alert').getByText(text).waitFor();
    await context.close();
  }

  it('a full disk', async () => {
    const { broker, fill } = await startOnSmallDisk(join(directory, 'disk'), cleanup);
    cleanup.defer(() => broker.stop());
    await fill();
    await expectSeen(broker, {
      logs: 'history: nothing can be stored for now: ',
      metric: ['foghorn_not_ready', 1, { source: 'history' }],
      source: 'history',
      isReady: false,
      page: /^history: .*no space/,
    });
  });

  it('Redis that is away', async () => {
    const redis = await RedisServer.start();
    cleanup.defer(() => redis.stop());
    const server = await startObserved({ store: redis.url });
    cleanup.defer(() => server.stop());
    await redis.kill();
    await server
      .client()
      .publish('/a', undefined)
      .catch(() => undefined);
    await expectSeen(server, {
      logs: 'history: nothing can be stored for now: ',
      metric: ['foghorn_not_ready', 1, { source: 'history' }],
      source: 'history',
      isReady: false,
      page: new RegExp(`^history: .*127.0.0.1:${redis.port}`),
    });
  });

  it('a clock that has jumped', async () => {
    const server = await startAfterJump(`lmdb:${join(directory, 'jumped')}`);
    cleanup.defer(() => server.stop());
    await expectSeen(server, {
      logs: 'retention: the clock says',
      metric: ['foghorn_clock_doubtful', 1],
      source: 'clock',
      isReady: true,
      page: /^clock: the clock has jumped/,
    });
  });

  it('a reader that retention has overtaken', async () => {
    const server = await startForgetful();
    cleanup.defer(() => server.stop());
    await overtakeReader(server);
    await expectSeen(server, {
      logs: 'retention: a reader was overtaken',
      metric: ['foghorn_gaps_total', 1, { reason: 'trimmed' }],
      source: 'readers',
      isReady: true,
      page: /^readers: retention has removed events/,
    });
  });

  it('a recorder that is down', async () => {
    const server = await startObserved();
    cleanup.defer(() => server.stop());
    const detach = await attachRecorder(server);
    await detach();
    await expectSeen(server, {
      logs: 'recorder: gone',
      metric: ['foghorn_recorders_missing', 1],
      source: 'recorders',
      isReady: true,
      page: /^recorders: .*gone: 1/,
    });
  });

  it('a recorder whose daemon is away', async () => {
    const server = await startObserved();
    cleanup.defer(() => server.stop());
    const detach = await attachRecorder(server, AWAY);
    await expectSeen(server, {
      logs: 'recorder: does not follow its daemon',
      metric: ['foghorn_recorders_daemon_away', 1, { kind: 'docker' }],
      source: 'recorders',
      isReady: true,
      page: /^recorders: .*not follow docker.*: cannot reach it/,
    });
    await detach();
  });

  it('and a broker without events says what to do next', async () => {
    const server = await startObserved();
    cleanup.defer(() => server.stop());
    const context = await browser.newContext({ viewport: WIDE });
    const record = 'foghorn record docker --from /var/run/docker.sock';
    for (const [path, text] of [
      ['/now', record],
      ['/containers', record],
      ['/broker', 'foghorn events'],
    ] as const) {
      const { page } = await openPage(context, server.http + path);
      await page.getByText(text).first().waitFor();
      // Every page that follows events is a reader.
      await page.close();
    }
    await context.close();
  });
});
