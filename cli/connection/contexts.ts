import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FoghornError } from '../../protocol/errors.js';
import { makeDirectories } from '../../protocol/make-directories.js';
import type { UserEnvironment } from '../terminal.js';

/** A broker that the user has named, and how its connections are protected. */
export interface BrokerContext {
  readonly address: string;
  readonly namespace?: string | undefined;
  readonly tlsCa?: string | undefined;
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  readonly tokenFile?: string | undefined;
}

/** The name that stands for no context. */
export const NO_CONTEXT = 'default';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

interface ContextsFile {
  readonly current?: string | undefined;
  readonly contexts: Readonly<Record<string, BrokerContext>>;
}

/** The contexts of a user, in a file that only the user can read. */
export class Contexts {
  readonly #path: string;
  #file: ContextsFile;

  /** @throws FoghornError FAILED_PRECONDITION for a file that cannot be read */
  constructor({ env, home }: UserEnvironment) {
    const config = env.XDG_CONFIG_HOME ?? join(home, '.config');
    this.#path = join(config, 'foghorn', 'contexts.json');
    this.#file = readContexts(this.#path);
  }

  /** Name of the context in use. */
  get current(): string | undefined {
    return this.#file.current;
  }

  get names(): readonly string[] {
    return Object.keys(this.#file.contexts).sort();
  }

  /** @throws FoghornError INVALID_ARGUMENT for a name that is not known */
  get(name: string): BrokerContext {
    const { contexts } = this.#file;
    const found = Object.hasOwn(contexts, name) ? contexts[name] : undefined;
    if (found !== undefined) return found;
    const known = this.names.length === 0 ? 'there is none' : `known are ${this.names.join(', ')}`;
    throw new FoghornError('INVALID_ARGUMENT', `no context is named ${name}: ${known}`);
  }

  /** Adds a context, or replaces the one of this name. */
  set(name: string, context: BrokerContext): void {
    if (name === NO_CONTEXT || !NAME.test(name)) {
      throw new FoghornError(
        'INVALID_ARGUMENT',
        `context ${JSON.stringify(name)}: expected 1 to 63 letters, digits, ".", "_" or "-", other than ${NO_CONTEXT}`,
      );
    }
    this.#write({ ...this.#file, contexts: { ...this.#file.contexts, [name]: context } });
  }

  use(name: string): void {
    if (name !== NO_CONTEXT) this.get(name);
    this.#write({ ...this.#file, current: name === NO_CONTEXT ? undefined : name });
  }

  remove(name: string): void {
    this.get(name);
    const { contexts, current } = this.#file;
    const others = Object.entries(contexts).filter(([each]) => each !== name);
    const stays = current === name ? undefined : current;
    this.#write({ current: stays, contexts: Object.fromEntries(others) });
  }

  /** Replaces the file at once, so that a command that reads it meanwhile sees a whole one. */
  #write(file: ContextsFile): void {
    const written = `${this.#path}.${process.pid}`;
    try {
      makeDirectories(dirname(this.#path), 0o700);
      writeFileSync(written, `${JSON.stringify(file, undefined, 2)}\n`, { mode: 0o600 });
      renameSync(written, this.#path);
    } catch (error) {
      const text = `cannot write the contexts: ${(error as Error).message}`;
      throw new FoghornError('FAILED_PRECONDITION', text, { cause: error });
    }
    this.#file = file;
  }
}

function readContexts(path: string): ContextsFile {
  let text;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return { contexts: {} };
    throw new FoghornError('FAILED_PRECONDITION', `cannot read the contexts: ${message}`);
  }
  const file = parsed(text) as Partial<ContextsFile> | null | undefined;
  const contexts = Object.values(file?.contexts ?? [null]) as (Partial<BrokerContext> | null)[];
  if (contexts.every((context) => typeof context?.address === 'string'))
    return file as ContextsFile;
  throw new FoghornError(
    'FAILED_PRECONDITION',
    `${path}: expected contexts as foghorn context writes them; correct the file or remove it`,
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
