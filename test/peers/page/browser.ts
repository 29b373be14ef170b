import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import type { Cleanup } from '../../support/processes/cleanup.js';

/** Debian's package `chromium` has it here. */
const CHROMIUM = '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const WIDE = { width: 1280, height: 760 };
export const PHONE = { width: 390, height: 780 };

/** Starts a real Chromium; the cleanup ends it. */
export async function startChromium(cleanup: Cleanup): Promise<Browser> {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  cleanup.defer(() => browser.close());
  return browser;
}

/** A page, and the errors that it has reported: of scripts, of the policy, and of the console. */
export interface WatchedPage {
  readonly page: Page;
  readonly errors: readonly string[];
}

export async function openPage(context: BrowserContext, address: string): Promise<WatchedPage> {
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', ({ message }) => errors.push(message));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  await page.goto(address);
  return { page, errors };
}
