import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { chromium, type Browser, type Page } from 'playwright-core';
import { eventually } from '../support/eventually.js';
import { BrokerProcess } from '../support/processes/broker-process.js';
import { Cleanup } from '../support/processes/cleanup.js';

/** Runs in the page, where these exist. */
declare const window: { received: { readonly topic: string }[] };
declare class EventSource {
  constructor(url: string);
  onmessage: (event: { readonly data: unknown }) => void;
}

describe("a browser's EventSource", () => {
  const cleanup = new Cleanup();
  let browser: Browser;

  before(async () => {
    browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: ['--no-sandbox'],
    });
  });
  afterEach(() => cleanup.run());
  after(() => browser.close());

  /** Follows the events in a page of the broker itself, as its site may. */
  async function follow(origin: string): Promise<Page> {
    const page = await browser.newPage();
    await page.goto(`${origin}/healthz`);
    await page.evaluate(() => {
      window.received = [];
      const events = new EventSource('/v1/events?since=1h');
      events.onmessage = ({ data }) => window.received.push(JSON.parse(String(data)) as never);
    });
    return page;
  }

  async function publish(origin: string, topics: readonly string[]): Promise<void> {
    const answer = await fetch(`${origin}/v1/events?namespace=default`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(topics.map((topic) => ({ topic }))),
    });
    expect(answer.status).to.equal(200);
  }

  it('follows across restarts of the broker without a loss or a repetition', async () => {
    const broker = await BrokerProcess.create(cleanup);
    const http = `127.0.0.1:${await freePort()}`;
    const origin = `http://${http}`;
    await broker.start({ flags: ['--http', http] });
    const page = await follow(origin);
    cleanup.defer(() => page.close());
    const sent: string[] = [];
    for (const [round, signal] of (['SIGTERM', 'SIGKILL', undefined] as const).entries()) {
      for (const part of ['live', 'away']) {
        const topics = Array.from({ length: 50 }, (_, at) => `/${round}/${part}/${at}`);
        sent.push(...topics);
        await publish(origin, topics);
        if (part === 'live')
          await eventually(async () => (await topicsOf(page)).length === sent.length);
      }
      if (signal === undefined) break;
      await broker.end(signal);
      await broker.start({ flags: ['--http', http] });
    }
    await eventually(async () => (await topicsOf(page)).length >= sent.length);
    expect(await topicsOf(page)).to.deep.equal(sent);
  });

  it('cannot read or publish from a page of another site', async () => {
    const broker = await BrokerProcess.create(cleanup);
    const http = `127.0.0.1:${await freePort()}`;
    await broker.start({ flags: ['--http', http] });
    const other = createServer((_request, response) => response.end('<p>another site</p>'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    cleanup.defer(() => new Promise((resolve) => other.close(resolve)));
    const page = await browser.newPage();
    cleanup.defer(() => page.close());
    await page.goto(`http://127.0.0.1:${(other.address() as AddressInfo).port}/`);
    const outcome = await page.evaluate(async (origin) => {
      const read = fetch(`${origin}/v1/events`).then(
        () => 'read',
        () => 'refused',
      );
      const body = JSON.stringify({ topic: '/evil', namespace: 'default' });
      const init = { method: 'POST', mode: 'no-cors' as const, body };
      await fetch(`${origin}/v1/events`, init).catch(() => undefined);
      return read;
    }, `http://${http}`);
    expect(outcome).to.equal('refused');
    const { entry_count: stored } = (await (await fetch(`http://${http}/v1/describe`)).json()) as {
      entry_count: number;
    };
    expect(stored).to.equal(0);
  });
});

async function topicsOf(page: Page): Promise<string[]> {
  return page.evaluate(() => window.received.map(({ topic }) => topic));
}

/** A port that is free now: the browser needs the same one after a restart. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
