import { constants, setPriority } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { builtProgram } from '../../test/support/processes/build.js';
import { Child } from '../../test/support/processes/child.js';
import type { Attack } from './attack.js';
import { BrokerUnderAttack } from './broker-under-attack.js';
import { Bystander, type Latency } from './bystander.js';

/** Time that a broker and its bystander have before anything is measured. */
const WARM_UP_MS = 1500;
const MEMORY_INTERVAL_MS = 100;
/** Readings of the memory of which the lowest counts: garbage is collected within that time. */
const STEADY_READINGS = 10;
/** An attack that does not end by itself is ended after so much more time. */
const PATIENCE_MS = 30_000;

/** How long an attack takes, and how large the history is that it needs: 4 is the full size. */
export interface AttackSize {
  readonly seconds: number;
  readonly scale: number;
}

/** Effects of one attack on a bystander and on the memory of the broker. */
export interface Measured {
  readonly name: string;
  /** Latency without an attack, beside a process that only computes, as an attacker does. */
  readonly quiet: Latency;
  readonly attacked: Latency;
  /** MiB; `held` is the lowest of the last second of the attack. */
  readonly memory: {
    readonly before: number;
    readonly most: number;
    readonly held: number;
    readonly after: number;
  };
  readonly survived: boolean;
}

/** Starts a broker, attacks it, and measures what others notice. */
export async function measure(main: string, attack: Attack, size: AttackSize): Promise<Measured> {
  const broker = await BrokerUnderAttack.start(main);
  const bystander = new Bystander(broker.target.grpc);
  try {
    await delay(WARM_UP_MS);
    const quiet = await measureQuiet(bystander, size.seconds);
    return { name: attack.name, quiet, ...(await measureAttack(broker, bystander, attack, size)) };
  } finally {
    bystander.close();
    await broker.stop();
  }
}

async function measureQuiet(bystander: Bystander, seconds: number): Promise<Latency> {
  const busy = new Child(process.execPath, ['-e', 'for (;;);']);
  yieldToOthers(busy);
  await delay(300);
  bystander.begin();
  await delay(seconds * 1000);
  const quiet = await bystander.end();
  await busy.end('SIGKILL');
  return quiet;
}

async function measureAttack(
  broker: BrokerUnderAttack,
  bystander: Bystander,
  { name }: Attack,
  { seconds, scale }: AttackSize,
): Promise<Omit<Measured, 'name' | 'quiet'>> {
  const { grpc, docker } = broker.target;
  const program = await builtProgram('torture/attacks/attacker');
  const settings = [name, grpc, docker, `${seconds}`, `${scale}`];
  const attacker = new Child(process.execPath, [program, ...settings]);
  yieldToOthers(attacker);
  await attacker.until('prepare the broker', () => attacker.stdout.includes('prepared'));
  const before = broker.memory;
  const readings = [before];
  const timer = setInterval(() => readings.push(broker.memory), MEMORY_INTERVAL_MS);
  bystander.begin();
  await Promise.race([attacker.exited, delay(seconds * 1000 + PATIENCE_MS)]);
  clearInterval(timer);
  const attacked = await bystander.end();
  await attacker.end('SIGKILL');
  await delay(1000);
  const held = Math.min(...readings.slice(-STEADY_READINGS));
  const memory = { before, most: Math.max(...readings), held, after: broker.memory };
  return { attacked, memory, survived: broker.isRunning };
}

/**
 * An attacker has a machine of its own. Here it shares two processors with the broker and the
 * bystander, who come first, so that what the bystander waits for is the broker.
 */
function yieldToOthers({ pid }: Child): void {
  if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_LOW);
}
