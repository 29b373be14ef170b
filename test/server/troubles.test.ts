import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { eventually } from '../support/eventually.js';
import { scrapeMetrics } from '../support/scraped-metrics.js';
import type { TestServer } from '../support/test-server.js';
import {
  attachRecorder,
  AWAY,
  overtakeReader,
  startAfterJump,
  startForgetful,
  startObserved,
} from '../support/troubles.js';

interface Readiness {
  readonly ready: boolean;
  readonly reasons: readonly { readonly source: string }[];
  readonly warnings: readonly { readonly source: string; readonly reason: string }[];
}

/** A full disk is in full-disk.test.ts, and Redis that is away in redis-trouble/. */
describe('troubles that an operator sees in log, metrics and /readyz, which the page shows', () => {
  let server: TestServer;

  afterEach(() => server.stop());

  const readiness = async (): Promise<Readiness> =>
    (await (await fetch(`${server.http}/readyz`)).json()) as Readiness;

  /** The sources of all warnings of a broker that stores events nevertheless. */
  async function warnings(): Promise<string[]> {
    const { ready, reasons, warnings } = await readiness();
    expect({ ready, reasons }).to.deep.equal({ ready: true, reasons: [] });
    return warnings.map(({ source }) => source);
  }

  it('are none at first', async () => {
    server = await startObserved();
    expect(await warnings()).to.deep.equal([]);
    expect((await scrapeMetrics(server.http)).value('foghorn_ready')).to.equal(1);
  });

  it('include a reader that retention has overtaken', async () => {
    server = await startForgetful();
    const gaps = { reason: 'trimmed' };
    const before = await scrapeMetrics(server.http);
    // A counter that begins at 1 has not increased for Prometheus.
    expect(before.value('foghorn_gaps_total', gaps)).to.equal(0);
    await overtakeReader(server);
    expect((await scrapeMetrics(server.http)).value('foghorn_gaps_total', gaps)).to.equal(1);
    expect(server.hasLogged('retention: a reader was overtaken')).to.equal(true);
    expect(await warnings()).to.deep.equal(['readers']);
  });

  it('include a clock that has jumped', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'foghorn-clock-'));
    server = await startAfterJump(`lmdb:${directory}`);
    await eventually(() => server.hasLogged('retention: the clock says'));
    expect((await scrapeMetrics(server.http)).value('foghorn_clock_doubtful')).to.equal(1);
    // The machine's own disk may be low, too.
    expect(await warnings()).to.include('clock');
    await server.drain();
    rmSync(directory, { recursive: true });
  });

  it('include a recorder that has gone, until it is back', async () => {
    server = await startObserved();
    const detach = await attachRecorder(server);
    expect(server.hasLogged('recorder: attached')).to.equal(true);
    expect(await warnings()).to.deep.equal([]);
    await detach();
    expect((await scrapeMetrics(server.http)).value('foghorn_recorders_missing')).to.equal(1);
    expect(server.hasLogged('recorder: gone')).to.equal(true);
    expect(await warnings()).to.deep.equal(['recorders']);
    const detachAgain = await attachRecorder(server);
    expect(await warnings()).to.deep.equal([]);
    await detachAgain();
  });

  it('include a recorder whose daemon is away, until it goes', async () => {
    server = await startObserved();
    const detach = await attachRecorder(server, AWAY);
    expect(server.hasLogged('recorder: does not follow its daemon')).to.equal(true);
    expect((await readiness()).warnings).to.deep.equal([
      {
        source: 'recorders',
        reason: 'a recorder does not follow docker, which is not recorded now: cannot reach it',
      },
    ]);
    const metrics = await scrapeMetrics(server.http);
    const of = { kind: 'docker' };
    expect(metrics.value('foghorn_recorders_attached', of)).to.equal(1);
    expect(metrics.value('foghorn_recorders_daemon_away', of)).to.equal(1);
    expect(metrics.value('foghorn_recorders_missed_spans', of)).to.equal(2);
    expect(metrics.value('foghorn_recorder_spool_entries', of)).to.equal(3);
    expect(metrics.value('foghorn_recorder_spool_bytes', of)).to.equal(400);
    expect(metrics.value('foghorn_recorder_lag_seconds', of)).to.be.above(10_000_000);
    await detach();
    const after = await scrapeMetrics(server.http);
    expect(after.value('foghorn_recorders_daemon_away', of)).to.equal(0);
    expect(after.value('foghorn_recorder_spool_entries', of)).to.equal(0);
  });
});
