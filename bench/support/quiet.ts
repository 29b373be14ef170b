import { setTimeout as delay } from 'node:timers/promises';
import { cpuSeconds } from './cpu-time.js';

const LOOK_MS = 100;
const LONG_ENOUGH_MS = 500;
/** Of processor time within one look; a process that has nothing to do wakes up now and then. */
const NOTHING_S = 0.01;

/** Resolves when processes have had nothing to do for half a second. */
export async function quiet(pids: Readonly<Record<string, number>>): Promise<void> {
  const spent = (): number =>
    Object.entries(pids).reduce((sum, [name, pid]) => sum + cpuSeconds(name, pid), 0);
  let before = spent();
  for (let passed = 0; passed < LONG_ENOUGH_MS;) {
    await delay(LOOK_MS);
    const now = spent();
    passed = now - before > NOTHING_S ? 0 : passed + LOOK_MS;
    before = now;
  }
}
