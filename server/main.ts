import type { FoghornError } from '../protocol/errors.js';
import { inheritedSockets } from './listen/inherited-sockets.js';
import { openLog } from './log/open-log.js';
import type { ServeOptions } from './options.js';
import { startServer } from './server.js';

/** A drain that takes longer has failed. Stored events are safe, so the process may exit. */
const EXIT_MS = 9_000;

/** Lets the answers to publishers leave after the store has failed. */
const FAILURE_GRACE_MS = 100;

/**
 * Work that runs beside a broker that is ready, given its gRPC addresses and how to log a sentence.
 * Returns how to stop it, before the drain.
 */
export type Companion = (
  addresses: readonly string[],
  report: (text: string) => void,
) => () => Promise<void>;

/**
 * Runs the broker in this process until SIGTERM or SIGINT; resolves when it has drained. Prints
 * one line for each address on stdout once it is ready, and logs on stderr. Throws FoghornError
 * when it cannot start.
 */
export async function main(options: ServeOptions, companion: Companion): Promise<void> {
  const isTerminal = process.stderr.isTTY;
  const format = options.logFormat === 'auto' ? (isTerminal ? 'text' : 'json') : options.logFormat;
  const log = openLog(options.logLevel, format, isTerminal && !process.env.NO_COLOR);
  const stopped = new Promise<NodeJS.Signals>((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  const inherited = await inheritedSockets(process.env, process.pid);
  const server = await startServer({ ...options, inherited }, log);
  void server.failed.then((failure) => {
    log.fatal(`history: the store has failed, exiting: ${failure.message}`);
    setTimeout(() => {
      end(failure);
    }, FAILURE_GRACE_MS);
  });
  for (const address of server.addresses) process.stdout.write(`listening on ${address}\n`);
  const stopCompanion = companion(server.addressesOf('grpc'), (text) => {
    log.info(text);
  });
  const signal = await stopped;
  log.info({ signal }, 'draining');
  const timer = setTimeout(() => {
    log.error('the drain took too long');
    process.exit(1);
  }, EXIT_MS);
  await stopCompanion();
  await server.stop();
  clearTimeout(timer);
}

/** Ends the process after the store has failed. */
function end({ code }: FoghornError): void {
  // An exit waits for the threads of the process, and one of them hangs in LMDB.
  if (code === 'DEADLINE_EXCEEDED') process.kill(process.pid, 'SIGKILL');
  process.exit(1);
}
