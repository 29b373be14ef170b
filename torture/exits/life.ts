import type { Random } from '../random.js';

/** How a container of a round lives. */
export type LifeKind =
  /** Runs once or twice, started by the engine's API. */
  | 'plain'
  /** The engine starts it again after each failure, twice. */
  | 'restarted'
  /** The engine removes it when it has ended. */
  | 'removed'
  /** Ended by a signal. */
  | 'killed'
  /** Its command does not exist, or is a directory. */
  | 'no command'
  | 'directory'
  /** Created, started and waited for by dockerode. */
  | 'dockerode'
  /** A container of containerd alone. */
  | 'ctr';

const KINDS: readonly LifeKind[] = [
  ...['plain', 'plain', 'restarted', 'removed', 'killed'],
  ...['no command', 'directory', 'dockerode', 'ctr', 'ctr'],
] as LifeKind[];

/** A container, and what the round did to it. Times are seconds since the boot. */
export interface Life {
  readonly kind: LifeKind;
  readonly name: string;
  /** Codes of the first run, the second and so on. */
  readonly codes: readonly number[];
  /** Duration of a run in seconds. */
  readonly seconds: number;
  /** Seconds after the round's beginning at which it is created. */
  readonly from: number;
  /** Whether it is started once more after its end. */
  readonly isStartedTwice: boolean;
  /** Id by which it can be waited for; undefined until it is created. */
  id: string | undefined;
  /** When the daemon confirmed each start. */
  readonly starts: number[];
  /** The engine's code for a start that failed, and when it did. */
  failedWith: number | undefined;
  failedAt: number | undefined;
  /** When the round sent SIGKILL to it; undefined if it did not. */
  killedAt: number | undefined;
  /** When the round began to remove it. */
  removedAt: number | undefined;
  /** Whether the round has done everything that it does to it. */
  isOver: boolean;
}

export function drawLife(random: Random, name: string): Life {
  const kind = random.pick(KINDS);
  const runs = kind === 'restarted' ? 3 : 2;
  return {
    kind,
    name,
    codes: Array.from({ length: runs }, () => random.between(1, 99)),
    seconds: kind === 'killed' ? 20 : random.between(0, 30) / 10,
    from: random.between(0, 20) / 10,
    isStartedTwice: kind === 'plain' && random.chance(0.5),
    id: undefined,
    starts: [],
    failedWith: undefined,
    failedAt: undefined,
    killedAt: undefined,
    removedAt: undefined,
    isOver: false,
  };
}

/** The namespace of containerd that a container's events are in. */
export function namespaceOf({ kind }: Pick<Life, 'kind'>): string {
  return kind === 'ctr' ? 'default' : 'moby';
}
