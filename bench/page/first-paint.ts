import type { Browser } from 'playwright-core';
import { percentile } from './main-thread.js';

const LOADS = 7;

/** Returns the median time until a view shows something, in milliseconds, with an empty cache. */
export async function firstPaint(browser: Browser, address: string): Promise<number> {
  const times: number[] = [];
  for (let load = 0; load < LOADS; load++) {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(address);
    await page.locator('header').waitFor();
    times.push(
      await page.evaluate<number>(`new Promise((resolve) => {
        new PerformanceObserver((list) => {
          for (const { name, startTime } of list.getEntries())
            if (name === 'first-contentful-paint') resolve(startTime);
        }).observe({ type: 'paint', buffered: true });
      })`),
    );
    await context.close();
  }
  return percentile(
    times.sort((a, b) => a - b),
    0.5,
  );
}
