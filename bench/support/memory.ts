import { readFileSync } from 'node:fs';

/** How much memory a process takes, bytes. */
export interface Memory {
  /** Of all kinds, also of files that it has mapped. */
  readonly resident: number;
  /** Of that, what is no part of any file. */
  readonly anonymous: number;
}

/** Linux only. Throws when the process has ended. */
export function memoryOf(pid: number): Memory {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return { resident: bytes(status, 'VmRSS'), anonymous: bytes(status, 'RssAnon') };
}

function bytes(status: string, name: string): number {
  const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
  return Number(kibibytes) * 1024;
}

const INTERVAL_MS = 50;

/**
 * Looks again and again how much memory a process takes, until it is stopped, and keeps the most of
 * each kind.
 */
export class MemoryPeak {
  readonly #timer: NodeJS.Timeout;
  #most: Memory;

  constructor(private readonly pid: number) {
    this.#most = memoryOf(pid);
    this.#timer = setInterval(() => this.most(), INTERVAL_MS);
  }

  most(): Memory {
    const { resident, anonymous } = memoryOf(this.pid);
    this.#most = {
      resident: Math.max(this.#most.resident, resident),
      anonymous: Math.max(this.#most.anonymous, anonymous),
    };
    return this.#most;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
