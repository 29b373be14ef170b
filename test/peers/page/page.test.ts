import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { eventually } from '../../support/eventually.js';
import { BrokerProcess } from '../../support/processes/broker-process.js';
import { Cleanup } from '../../support/processes/cleanup.js';
import { freePort } from '../../support/redis/free-port.js';
import { Containerd } from '../containerd.js';
import { Dockerd } from '../dockerd.js';
import { openPage, PHONE, startChromium, WIDE } from './browser.js';

/** Bytes of JavaScript that a browser loads, compressed. */
const SCRIPT_BUDGET = 120 * 1024;

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

  it('says what ran at a moment', async () => {
    const page = await open('/containers');
    await page.getByText(/now: 1 running/).waitFor();
    await page.getByRole('slider').fill('999');
    await page.waitForURL(/at=/);
    const running = page.getByRole('complementary', { name: /Running at/ });
    await running.getByRole('button', { name: 'web' }).click();
    await page.getByRole('complementary', { name: 'Container web' }).getByText('running').waitFor();
  });

  it('shows the broker: storage, rates and readers', async () => {
    const page = await open('/broker');
    await page.getByText('events kept').waitFor();
    await page
      .locator('figure', { hasText: 'Events per second' })
      .getByText(/stored \d/)
      .waitFor();
    await page.getByRole('heading', { name: 'Readers' }).waitFor();
  });

  it('changes themes, and explains its keys', async () => {
    const page = await open('/');
    const background = (): Promise<string> =>
      page.evaluate('getComputedStyle(document.documentElement).backgroundColor');
    await page.keyboard.press('t');
    const light = await background();
    await page.keyboard.press('t');
    expect(await background()).to.not.equal(light);
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('3');
    await page.waitForURL(`${base}/broker`);
  });

  it('fits every width and theme, and reports no error', async () => {
    const folder = join(tmpdir(), 'foghorn-page');
    await mkdir(folder, { recursive: true });
    const forms = [
      { name: 'light', viewport: WIDE, colorScheme: 'light' },
      { name: 'dark', viewport: WIDE, colorScheme: 'dark' },
      { name: 'phone', viewport: PHONE, colorScheme: 'light' },
      { name: 'phone-dark', viewport: PHONE, colorScheme: 'dark' },
    ] as const;
    for (const { name, ...form } of forms) {
      const context = await browser.newContext(form);
      for (const view of ['now', 'containers', 'broker']) {
        const { page, errors } = await openPage(context, `${base}/${view}`);
        await page.waitForTimeout(700);
        await page.screenshot({ path: join(folder, `${view}-${name}.png`) });
        const overflow = await page.evaluate(
          'document.documentElement.scrollWidth - document.documentElement.clientWidth',
        );
        expect(overflow, `${view} ${name}`).to.equal(0);
        expect(errors, `${view} ${name}`).to.deep.equal([]);
      }
      await context.close();
    }
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
