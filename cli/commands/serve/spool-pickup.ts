import { lstat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from '../../../client/index.js';
import type { Client } from '../../../client/index.js';
import { spoolDirectory } from '../../defaults.js';
import type { UserEnvironment } from '../../terminal.js';
import { refusalText } from '../../connection/spool-notes.js';

export interface SpoolPickupOptions {
  readonly surroundings: UserEnvironment;
  /** Writes a sentence to the broker's log. */
  readonly report: (text: string) => void;
  /** Between two looks at the spool. */
  readonly intervalMs: number;
}

/**
 * Stores the events that publishers on this machine left in the default spool of a broker's socket,
 * while that broker runs. Reports a failure once and tries again.
 */
export class SpoolPickup {
  readonly #address: string;
  readonly #directory: string;
  #client: Client | undefined;
  /** Inode of the directory that the client has open; it changes if the directory is recreated. */
  #inode: bigint | undefined;
  #complaint = '';

  /** Starts a pickup for each address that is a socket; returns a function that stops them. */
  static start(addresses: readonly string[], options: SpoolPickupOptions): () => Promise<void> {
    const controller = new AbortController();
    const pickups = addresses
      .filter((address) => address.startsWith('unix:'))
      .map((address) => new SpoolPickup(address, options, controller.signal).#run());
    return async () => {
      controller.abort();
      await Promise.all(pickups);
    };
  }

  private constructor(
    address: string,
    private readonly options: SpoolPickupOptions,
    private readonly signal: AbortSignal,
  ) {
    this.#address = address;
    this.#directory = spoolDirectory(address, options.surroundings);
  }

  async #run(): Promise<void> {
    const isStopped = () => this.signal.aborted;
    while (!isStopped()) {
      try {
        await this.#drain();
        this.#complaint = '';
      } catch (error) {
        if (!isStopped()) this.#complain((error as Error).message);
      }
      await delay(this.options.intervalMs, undefined, { signal: this.signal }).catch(() => {});
    }
    await this.#close();
  }

  async #drain(): Promise<void> {
    const inode = await this.#findDirectory();
    if (inode !== this.#inode) await this.#close();
    if (inode === undefined) return;
    this.#inode = inode;
    this.#client ??= this.#open();
    await this.#client.drainSpool({ signal: this.signal });
  }

  async #findDirectory(): Promise<bigint | undefined> {
    const found = await lstat(this.#directory, { bigint: true }).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    });
    if (found === undefined) return undefined;
    const { uid } = this.options.surroundings;
    if (found.isDirectory() && found.uid === BigInt(uid)) return found.ino;
    throw new Error(`it is not a directory of user ${uid}`);
  }

  #open(): Client {
    return connect({
      address: this.#address,
      spool: this.#directory,
      onStatus: (status) => {
        if (status.state === 'drained') this.#say(`took over ${countText(status.count)} from`);
        if (status.state === 'refused') this.options.report(`spool: ${refusalText(status)}`);
      },
    });
  }

  async #close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    this.#inode = undefined;
    await client?.close().catch((error: unknown) => {
      this.#complain((error as Error).message);
    });
  }

  #complain(complaint: string): void {
    if (complaint !== this.#complaint) this.#say(`cannot take over (${complaint}):`);
    this.#complaint = complaint;
  }

  #say(text: string): void {
    this.options.report(`spool: ${text} ${this.#directory}`);
  }
}

function countText(count: number): string {
  return count === 1 ? '1 event' : `${count.toLocaleString('en')} events`;
}
