import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { connect } from '../../../client/index.js';
import { eventually } from '../../support/eventually.js';
import { BrokerProcess } from '../../support/processes/broker-process.js';
import { Cleanup } from '../../support/processes/cleanup.js';
import { freePort } from '../../support/redis/free-port.js';
import { Containerd } from '../containerd.js';
import { Dockerd } from '../dockerd.js';
import { openPage, PHONE, startChromium, WIDE } from './browser.js';

/** Bytes of JavaScript that a browser loads, compressed. */
const SCRIPT_BUDGET = 120 * 1024;

/** The element that scrolls the events. */
const LOG = `document.querySelector('[role=log]')`;

/** The views that are looked at, each with a text that it has once everything is loaded. */
const SHOWN_VIEWS: Readonly<Record<string, { path: string; shows: string | RegExp }>> = {
  now: { path: '/now', shows: 'exited 7' },
  containers: { path: '/containers', shows: /^\d+ of \d+ containers$/ },
  container: { path: '/containers?container=flaky', shows: '3 runs' },
  broker: { path: '/broker', shows: /^stored \d/ },
};

describe('the page in Chromium, over a real engine', () => {
  const cleanup = new Cleanup();
  let dockerd: Dockerd;
  let broker: BrokerProcess;
  let browser: Browser;
  let base: string;

  before(async () => {
    const containerd = await Containerd.start(cleanup);
    dockerd = await Dockerd.start(containerd, cleanup);
    const port = await freePort();
    base = `http://127.0.0.1:${port}`;
    const engine = ['--engine', dockerd.address];
    broker = await BrokerProcess.create(cleanup, ['--http', `127.0.0.1:${port}`, ...engine]);
    await startBroker();
    browser = await startChromium(cleanup);
    await dockerd.runDetached('web', 'sleep 1000');
    expect(await dockerd.run('job', 'exit 0')).to.equal(0);
    expect(await dockerd.run('bad', 'exit 3')).to.equal(3);
  });

  after(() => cleanup.run());

  async function startBroker(): Promise<void> {
    const child = await broker.start();
    await child.until('serve HTTP', () => child.stdout.includes(`listening on ${base}`));
  }

  async function open(path: string, viewport = WIDE): Promise<Page> {
    const context = await browser.newContext({ viewport });
    const { page } = await openPage(context, base + path);
    cleanup.defer(() => context.close());
    return page;
  }

  /** Containers that restart, are killed, need too much memory, and fail. */
  async function runAllOutcomes(): Promise<void> {
    const flags = ['--network', 'none', '--label', 'com.example.team=harbour'];
    const image = ['busybox:latest', '/bin/sh', '-c'];
    const restart = [...flags, '--detach', '--restart', 'on-failure:2', '--name', 'flaky'];
    await dockerd.docker('run', ...restart, ...image, 'sleep 0.3; exit 1').succeeded();
    await dockerd.runDetached('worker', 'sleep 1000');
    const memory = [...flags, '--memory', '8m', '--name', 'hungry'];
    const greedy = 'x=aaaaaaaa; while :; do x=$x$x; done';
    expect((await dockerd.docker('run', ...memory, ...image, greedy).exited).code).to.equal(137);
    await dockerd.docker('kill', 'worker').succeeded();
    expect(await dockerd.run('shown', 'exit 7')).to.equal(7);
  }

  const texts = (page: Page, selector: string): Promise<string[]> =>
    page.locator(selector).allInnerTexts();

  it('shows what has happened, and what happens, in words and with names', async () => {
    const page = await open('/');
    await page.getByText('exited 3').first().waitFor();
    const row = page.locator('.row', { hasText: 'exited 3' }).first();
    await eventually(async () => {
      const text = await row.innerText();
      return text.includes('bad') && text.includes('busybox:latest');
    });
    await dockerd.run('late', 'exit 137');
    await page.locator('.row', { hasText: 'exited 137 (SIGKILL)' }).first().waitFor();
  });

  it('filters, completes fields, and shows an error below its character', async () => {
    const page = await open('/');
    await page.getByText('exited 3').first().waitFor();
    await page.keyboard.press('/');
    const box = page.getByRole('combobox', { name: 'Filter' });
    await box.pressSequentially('topi');
    await page.getByRole('option', { name: 'topic' }).waitFor();
    await page.keyboard.press('Tab');
    await box.pressSequentially('=="/docker');
    const fault = page.locator('.fault');
    await fault.getByText('quoted literal not terminated').waitFor();
    expect((await fault.innerText()).indexOf('▲')).to.equal('topic=='.length);
    await box.fill('topic=="/docker/container/die"');
    await page.keyboard.press('Enter');
    await page.waitForURL(/filter=topic/);
    await eventually(async () => {
      const words = await texts(page, '.row .words');
      return words.includes('exited 3') && words.every((text) => text.startsWith('exited'));
    });
  });

  it('pauses, goes on, follows, and opens an event', async () => {
    const page = await open('/');
    await page.getByText('exited 3').first().waitFor();
    await page.keyboard.press(' ');
    await dockerd.run('paused', 'exit 41');
    await page.getByText(/continue \(\d+ waiting\)/).waitFor();
    await eventually(async () => (await page.getByText(/continue \(0 waiting\)/).count()) === 0);
    expect(await page.getByText('exited 41').count()).to.equal(0);
    await page.keyboard.press(' ');
    await page.getByText('exited 41').first().waitFor();
    await page.locator('.row', { hasText: 'exited 41' }).first().click();
    const details = page.getByRole('complementary', { name: 'Selected event' });
    expect(await details.innerText())
      .to.contain('"cursor"')
      .and.to.contain('paused');
    await page.keyboard.press('Escape');
    await details.waitFor({ state: 'detached' });
  });

  it('begins at a time in the past, which its address keeps', async () => {
    const since = new Date(Date.now() - 3_600_000).toISOString();
    const page = await open(`/?since=${since}`);
    await page.locator('.row', { hasText: 'created' }).first().waitFor();
    await page.getByRole('button', { name: 'newest' }).click();
    await page.waitForURL(`${base}/`);
    await page.getByLabel('Begin at').fill('2030-01-01T00:00:00');
    await page.waitForURL(/since=20(29|30)-/);
    await page.getByText('New ones appear here').or(page.getByText('No events yet')).waitFor();
  });

  it('follows the newest events until somebody scrolls away', async () => {
    const page = await open('/', { width: 1280, height: 320 });
    await page.getByText('exited 3').first().waitFor();
    const follow = page.getByRole('button', { name: 'follow' });
    const isFollowing = (pressed: boolean): Promise<void> =>
      eventually(async () => (await follow.getAttribute('aria-pressed')) === String(pressed));
    const scrolled = (): Promise<number> => page.evaluate<number>(`${LOG}.scrollTop`);
    await eventually(async () => (await scrolled()) > 0);
    await page.evaluate(`${LOG}.scrollTop = 0`);
    await isFollowing(false);
    await page.keyboard.press('End');
    await isFollowing(true);
    await eventually(async () => (await scrolled()) > 0);
  });

  it('follows across a restart of the broker without a loss', async () => {
    const page = await open('/?filter=topic%3D%3D%22%2Fdocker%2Fcontainer%2Fdie%22');
    await page.getByText('exited 3').first().waitFor();
    const before = (await texts(page, '.row .words')).length;
    await broker.end('SIGKILL');
    await page.getByText('reconnecting').waitFor();
    expect(await dockerd.run('meanwhile', 'exit 51')).to.equal(51);
    await startBroker();
    expect(await dockerd.run('after', 'exit 52')).to.equal(52);
    await page.getByText('exited 52').first().waitFor();
    const words = (await texts(page, '.row .words')).slice(before);
    expect(words).to.deep.equal(['exited 51', 'exited 52']);
  });

  it('has a timeline of containers, with their runs, and a moment in the past', async () => {
    const page = await open('/containers');
    await page.getByRole('img', { name: /Runs of \d+ containers/ }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('bad');
    await page.getByText(/^1 of \d+ containers$/).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('ArrowDown');
    await page.waitForURL(/container=/);
    const details = page.getByRole('complementary', { name: 'Container bad' });
    await details.getByText('exited 3').first().waitFor();
    expect(await details.innerText())
      .to.contain('busybox:latest')
      .and.to.contain('1 run');
    // The address is all that somebody else needs.
    const shared = await open(page.url().slice(base.length));
    await shared.getByRole('complementary', { name: 'Container bad' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('+');
    await page.waitForURL(/from=.*to=/);
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('0');
    await page.waitForURL((url) => !url.searchParams.has('from'));
  });

  it('zooms and pans by wheel and drag, and opens a container by a click', async () => {
    const page = await open('/containers');
    const timeline = page.getByRole('img', { name: /Runs of \d+ containers/ });
    await timeline.waitFor();
    const { x, y } = (await timeline.boundingBox())!;
    const span = (): number => {
      const { searchParams } = new URL(page.url());
      return Date.parse(searchParams.get('to') ?? '') - Date.parse(searchParams.get('from') ?? '');
    };
    const from = (): string | null => new URL(page.url()).searchParams.get('from');
    await page.mouse.move(x + 700, y + 40);
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, -400);
    await page.keyboard.up('Control');
    await eventually(() => span() > 0);
    const zoomed = span();
    const before = from();
    await page.mouse.down();
    await page.mouse.move(x + 900, y + 40, { steps: 4 });
    await page.mouse.up();
    await eventually(() => from() !== before);
    // Times of the address are whole milliseconds.
    expect(span()).to.be.closeTo(zoomed, 2);
    await page.mouse.click(x + 700, y + 40);
    await page.getByRole('complementary', { name: /^Container / }).waitFor();
  });

  it('says what ran at a moment', async () => {
    const page = await open('/containers');
    await page.getByText(/now: 1 running/).waitFor();
    await page.getByRole('slider').fill('999');
    await page.waitForURL(/at=/);
    const running = page.getByRole('complementary', { name: /Running at/ });
    await running.getByRole('button', { name: 'web' }).click();
    await page
      .getByRole('complementary', { name: 'Container web' })
      .getByText(/^running for/)
      .waitFor();
  });

  it('shows the broker: storage, rates, latency, readers, recorders and consumers', async () => {
    const client = connect({ address: broker.address, namespace: 'moby' });
    await client.consumers.create('mail', {
      filters: ['topic=="/docker/container/die"'],
      hold: 1024 * 1024,
    });
    const page = await open('/broker');
    await page.getByText('events kept').waitFor();
    await page
      .locator('figure', { hasText: 'Events per second' })
      .getByText(/stored \d/)
      .waitFor();
    await page.getByRole('heading', { name: 'Readers' }).waitFor();
    const table = (name: string): Promise<string[]> =>
      page.getByRole('region', { name }).locator('tbody tr').allInnerTexts();
    await eventually(async () => {
      const [recorder = ''] = await table('Recorders');
      return /docker\s+moby\s+attached/.test(recorder);
    });
    await eventually(async () => /mail\s+0\s.*\s1 MiB\s/s.test((await table('Consumers')).join()));
    const latency = page.locator('figure', { hasText: 'Time to store' });
    await eventually(async () => {
      await client.publish({ topic: '/page/test' });
      return /median [\d.]+ m?s · 99 % [\d.]+ m?s/.test(await latency.innerText());
    });
    await client.close();
  });

  it('changes themes, and explains its keys', async () => {
    const page = await open('/');
    await page.getByRole('status').getByText('live').waitFor();
    const background = (): Promise<string> =>
      page.evaluate('getComputedStyle(document.documentElement).backgroundColor');
    const changesTo = (theme: string): Promise<void> =>
      eventually(
        async () => (await page.evaluate('document.documentElement.dataset.theme')) === theme,
      );
    await page.keyboard.press('t');
    await changesTo('light');
    const light = await background();
    await page.keyboard.press('t');
    await changesTo('dark');
    expect(await background()).to.not.equal(light);
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('3');
    await page.waitForURL(`${base}/broker`);
  });

  it('fits every width and theme while containers run, and reports no error', async () => {
    const folder = join(tmpdir(), 'foghorn-page');
    await mkdir(folder, { recursive: true });
    const forms = [
      { name: 'light', viewport: WIDE, colorScheme: 'light' },
      { name: 'dark', viewport: WIDE, colorScheme: 'dark' },
      { name: 'phone', viewport: PHONE, colorScheme: 'light' },
      { name: 'phone-dark', viewport: PHONE, colorScheme: 'dark' },
    ] as const;
    const contexts = await Promise.all(forms.map((form) => browser.newContext(form)));
    const opened = await Promise.all(
      contexts.flatMap((context, at) =>
        Object.entries(SHOWN_VIEWS).map(async ([view, { path, shows }]) => ({
          ...(await openPage(context, base + path)),
          ...{ name: `${view}-${forms[at]!.name}`, shows },
        })),
      ),
    );
    await runAllOutcomes();
    for (const { page, errors, name, shows } of opened) {
      await page.bringToFront();
      await page.getByText(shows).first().waitFor();
      await page.screenshot({ path: join(folder, `${name}.png`) });
      const overflow = await page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      expect(overflow, name).to.equal(0);
      expect(errors, name).to.deep.equal([]);
    }
    for (const context of contexts) await context.close();
  });

  it('loads nothing from elsewhere, and little', async () => {
    const context = await browser.newContext();
    const { page } = await openPage(context, `${base}/containers`);
    await page.getByRole('img', { name: /Runs of/ }).waitFor();
    const loaded = await page.evaluate<string[]>(
      `performance.getEntriesByType('resource').map(({ name }) => name)`,
    );
    expect(loaded.filter((url) => !url.startsWith(base))).to.deep.equal([]);
    const script = await (await fetch(`${base}/page/page.js`)).arrayBuffer();
    expect(gzipSync(new Uint8Array(script)).length).to.be.lessThan(SCRIPT_BUDGET);
    await context.close();
  });
});
