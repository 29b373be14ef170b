import { readFileSync } from 'node:fs';

/** Memory of a process, in bytes. */
export interface Memory {
  /** Resident memory, including mapped files. */
  readonly resident: number;
  /** Resident memory that belongs to no file. */
  readonly anonymous: number;
}

/** Current memory of a process. Linux only. Throws if the process has ended. */
export function memoryOf(pid: number): Memory {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return { resident: bytes(status, 'VmRSS'), anonymous: bytes(status, 'RssAnon') };
}

function bytes(status: string, name: string): number {
  const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
  return Number(kibibytes) * 1024;
}

const INTERVAL_MS = 50;

/** Samples the memory of a process until stopped, and keeps the maximum of each kind. */
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
