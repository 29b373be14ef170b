import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { perform, StoreActions } from './store-actions.js';
import type { StoreProcess } from './store-process.js';

/** A store that can be killed: in a process of its own, or as if it were. */
export type StoreToKill = Pick<StoreProcess, 'call' | 'kill'>;

/** Starts what has no store open yet. */
export type StartStore = () => Promise<StoreToKill>;

/**
 * Files whose contents say nothing, and the one of a process that died soon after its opening: the
 * store is then opened with more care, by yet another process.
 */
const VOLATILE = /^lock\.mdb$|\.sock$|^opening$/;

/**
 * A store in this process, which takes a tenth of the time of another one. A kill leaves its files
 * as they were before it was closed, so nothing may be written meanwhile.
 */
export class StoreInProcess implements StoreToKill {
  readonly #actions = new StoreActions(() => {});
  #directory: string | undefined;

  static readonly start: StartStore = () => Promise.resolve(new StoreInProcess());

  readonly call: StoreProcess['call'] = (action, ...args) => {
    if (action === 'open') [this.#directory] = args as [string];
    if (action === 'close') this.#directory = undefined;
    return perform(this.#actions, action, args) as Promise<never>;
  };

  async kill(): Promise<void> {
    const directory = this.#directory;
    if (directory === undefined) return;
    this.#directory = undefined;
    const names = (await readdir(directory)).filter((name) => !VOLATILE.test(name));
    const paths = names.map((name) => join(directory, name));
    const left = await Promise.all(paths.map((path) => readFile(path)));
    await this.#actions.close();
    await Promise.all(paths.map((path, i) => writeFile(path, left[i]!)));
  }
}
