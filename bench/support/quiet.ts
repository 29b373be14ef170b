import { setTimeout as delay } from 'node:timers/promises';
import { cpuSeconds } from './cpu-time.js';

const SAMPLE_MS = 100;
const QUIET_MS = 500;
/**
 * Processor time within a sample that counts as idle, because idle processes wake up now and then.
 */
const IDLE_SECONDS = 0.01;

/** Resolves when the processes have been idle for half a second. */
export async function quiet(pids: Readonly<Record<string, number>>): Promise<void> {
  const spent = (): number =>
    Object.entries(pids).reduce((sum, [name, pid]) => sum + cpuSeconds(name, pid), 0);
  let before = spent();
  for (let idle = 0; idle < QUIET_MS;) {
    await delay(SAMPLE_MS);
    const now = spent();
    idle = now - before > IDLE_SECONDS ? 0 : idle + SAMPLE_MS;
    before = now;
  }
}
