import { spawn, type ChildProcess } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { FoghornError } from '../../../protocol/errors.js';
import { quotedExcerpt } from '../../../protocol/excerpt.js';
import { traceMembers } from '../../../protocol/trace-context.js';
import { escapeControls } from '../../../protocol/escape-controls.js';
import { write, type Terminal } from '../../terminal.js';
import type { BatchAction } from './batches.js';
import type { DescribedEvent } from './described-event.js';
import type { EventAction } from './event-action.js';

/** Time between SIGTERM and SIGKILL for a command that exceeds its time, in milliseconds. */
const KILL_AFTER = 5000;
/** Characters of a name before its output. */
const PREFIX_LENGTH = 24;

/** Folders that the system searches for a command without PATH. */
const DEFAULT_PATH = '/bin:/usr/bin';

export interface CommandOptions {
  readonly argv: readonly [string, ...string[]];
  /** ms; undefined for no limit. */
  readonly timeout: number | undefined;
}

/**
 * Throws FAILED_PRECONDITION for a command that does not exist, because otherwise every event would
 * be parked.
 */
export function checkCommand(file: string, { surroundings }: Terminal): void {
  const { PATH: path = DEFAULT_PATH } = surroundings.env;
  const folders = file.includes('/') ? [''] : path.split(delimiter);
  if (folders.some((folder) => isExecutable(resolve(folder, file)))) return;
  const where = file.includes('/') ? '' : ' in the PATH';
  throw new FoghornError(
    'FAILED_PRECONDITION',
    `cannot run ${quotedExcerpt(file)}: expected a program${where} that this user may execute`,
  );
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Runs a command for each event: its JSON on stdin, its fields in the environment. */
export function commandAction(options: CommandOptions, terminal: Terminal): EventAction {
  return (event) =>
    runCommand(
      options,
      {
        variables: { ...traceVariables(event), ...environment(event) },
        input: `${event.json}\n`,
        prefix: event.name || event.topic,
      },
      terminal,
    );
}

/** Runs a command for each batch of events: a line of JSON on stdin for each event. */
export function batchCommandAction(options: CommandOptions, terminal: Terminal): BatchAction {
  return (events) => {
    const { consumer = '', cursor = '' } = events.at(-1) ?? {};
    const count = `${events.length}`;
    return runCommand(
      options,
      {
        variables: { FOGHORN_CONSUMER: consumer, FOGHORN_COUNT: count, FOGHORN_CURSOR: cursor },
        input: events.map(({ json }) => `${json}\n`).join(''),
        prefix: `${count} events`,
      },
      terminal,
    );
  };
}

/** One run of a command. */
interface CommandRun {
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly input: string;
  /** Text before each line of its output. */
  readonly prefix: string;
}

/** Resolves when the command has ended with exit code 0. */
async function runCommand(
  { argv, timeout }: CommandOptions,
  { variables, input, prefix }: CommandRun,
  terminal: Terminal,
): Promise<void> {
  const [file, ...args] = argv;
  const child = spawn(file, args, {
    env: { ...terminal.surroundings.env, ...variables },
    stdio: ['pipe', 'pipe', 'pipe'],
    // A group of its own: Ctrl-C must not end it, and a time limit ends its children too.
    detached: true,
  });
  const output = showOutput(child, prefix, terminal);
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const timer = timeout === undefined ? undefined : limit(child, timeout);
  const failure = await ended(child);
  clearTimeout(timer?.term);
  clearTimeout(timer?.kill);
  const last = await output;
  if (failure === undefined) return;
  const why = timer?.hasFired() === true ? `exceeded its time of ${timeout ?? 0} ms` : failure;
  throw new Error(last === '' ? why : `${why}: ${last}`);
}

/** The fields of an event as environment variables. */
export function environment(event: DescribedEvent): Record<string, string> {
  const { topic, namespace, container, name, image, labels, exitCode, cursor, attempt } = event;
  return {
    FOGHORN_CONSUMER: event.consumer,
    FOGHORN_TOPIC: topic,
    FOGHORN_NAMESPACE: namespace,
    FOGHORN_TIME: event.time,
    FOGHORN_CONTAINER: container,
    FOGHORN_NAME: name,
    FOGHORN_IMAGE: image,
    FOGHORN_LABELS: JSON.stringify(Object.fromEntries(labels)),
    FOGHORN_EXIT_CODE: exitCode ?? '',
    FOGHORN_CURSOR: cursor,
    FOGHORN_DELIVERY: `${attempt}`,
    FOGHORN_TRACEPARENT: event.trace?.traceparent ?? '',
  };
}

/** The variables by which programs continue a trace, instead of those of this process. */
function traceVariables({ trace }: DescribedEvent): Record<string, string | undefined> {
  const { traceparent, tracestate } = traceMembers(trace);
  return { TRACEPARENT: traceparent, TRACESTATE: tracestate };
}

/** Resolves with how it failed; undefined for exit code 0. */
function ended(child: ChildProcess): Promise<string | undefined> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      resolve(`cannot run the command: ${error.message}`);
    });
    child.once('close', (code, signal) => {
      if (code === 0) resolve(undefined);
      else resolve(signal === null ? `exit code ${code ?? 'unknown'}` : `killed by ${signal}`);
    });
  });
}

function limit(child: ChildProcess, timeout: number) {
  let fired = false;
  const signalGroup = (signal: NodeJS.Signals): void => {
    fired = true;
    try {
      if (child.pid !== undefined) process.kill(-child.pid, signal);
    } catch {
      // It has just ended.
    }
  };
  return {
    term: setTimeout(signalGroup, timeout, 'SIGTERM'),
    kill: setTimeout(signalGroup, timeout + KILL_AFTER, 'SIGKILL'),
    hasFired: () => fired,
  };
}

/** Shows the output with a name before each line; resolves with the last line. */
async function showOutput(
  { stdout, stderr }: ChildProcess,
  name: string,
  terminal: Terminal,
): Promise<string> {
  const prefix = `${escapeControls(name).slice(0, PREFIX_LENGTH)} | `;
  let last = '';
  const show = async (from: Readable | null, to: Terminal['stdout']): Promise<void> => {
    if (from === null) return;
    for await (const line of createInterface({ input: from, crlfDelay: Infinity })) {
      last = line.slice(0, 200);
      await write(to, `${prefix}${line}\n`);
    }
  };
  await Promise.all([show(stdout, terminal.stdout), show(stderr, terminal.stderr)]);
  return last;
}
