import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { packageFile } from '../../../protocol/package-file.js';
import type { RedisClient } from './client.js';

/** A reply of Redis to a script, with bulk strings as bytes. */
export type Reply = number | Buffer | null | readonly Reply[];
export type Argument = string | number | Buffer;

/** A Lua program that Redis runs atomically. Its file documents arguments and reply. */
export class Script {
  readonly #text: string;
  readonly #sha: string;

  /** @param files names without `.lua`, concatenated into one program */
  constructor(...files: readonly string[]) {
    const paths = files.map((file) => packageFile(`server/history/redis/${file}.lua`));
    this.#text = paths.map((path) => readFileSync(path, 'utf8')).join('');
    this.#sha = createHash('sha1').update(this.#text).digest('hex');
  }

  /** Rejects with the errors of ioredis. */
  async run(
    client: RedisClient,
    keys: readonly string[],
    args: readonly Argument[],
  ): Promise<Reply> {
    const all = [keys.length, ...keys, ...args];
    try {
      return (await client.callBuffer('evalsha', [this.#sha, ...all])) as Reply;
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
    }
    // Redis forgets scripts when it restarts; EVAL caches this one again.
    return (await client.callBuffer('eval', [this.#text, ...all])) as Reply;
  }
}
