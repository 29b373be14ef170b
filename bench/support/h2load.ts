import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PublishRequest } from '../../protos/gen/containerd/services/events/v1/events.js';
import { payloadOf } from '../loads/payload.js';
import type { Defer } from './resources.js';
import { temporaryDirectory } from './temporary-directory.js';

const run = promisify(execFile);

const PUBLISH = '/containerd.services.events.v1.Events/Publish';
const HEADERS = ['content-type: application/grpc', 'te: trailers', 'containerd-namespace: default'];
/** Size of gRPC's message prefix, and of the answer to an accepted call: an empty message. */
const PREFIX_BYTES = 5;

/** Runs its arguments, and prints their processor time for user and system on stderr. */
const TIMED = 'TIMEFORMAT="cpu %3U %3S"; time "$@"';

export interface H2loadRun {
  /** Answered calls per second. */
  readonly rate: number;
  readonly seconds: number;
  /** Mean time from a call to its answer, ms; h2load reports no percentiles. */
  readonly mean: number;
  /** Seconds of h2load's own processor time. */
  readonly cpuSeconds: number;
}

/** Unary calls by h2load whose answer is an empty message. */
export class UnaryLoad {
  readonly #body: string;
  readonly #url: string;

  /**
   * @param path the path of the method
   * @param message the encoded request, which h2load repeats
   */
  constructor(defer: Defer, path: string, message: Uint8Array) {
    this.#body = join(temporaryDirectory(defer), 'request');
    this.#url = `http://localhost${path}`;
    writeFileSync(this.#body, framed(message));
  }

  /**
   * Calls of containerd's Publish.
   *
   * @param bytes payload size; all events are about one container
   */
  static publishing(defer: Defer, bytes: number): UnaryLoad {
    const request = { topic: '/tasks/create', event: payloadOf(0, bytes) };
    return new UnaryLoad(defer, PUBLISH, PublishRequest.encode(request).finish());
  }

  /**
   * Rejects unless every call was accepted.
   *
   * @param inFlight calls on all connections together
   */
  async call(socket: string, count: number, inFlight: number, connections = 1): Promise<H2loadRun> {
    const load = ['--requests', String(count), '--clients', String(connections)];
    const streams = ['--max-concurrent-streams', String(inFlight / connections)];
    const call = ['--data', this.#body, ...HEADERS.flatMap((header) => ['--header', header])];
    const args = [...load, ...streams, ...call, '-B', `unix:${socket}`, this.#url];
    const { stdout, stderr } = await run('bash', ['-c', TIMED, 'bash', 'h2load', ...args]);
    check(stdout, count);
    const rate = Number(found(stdout, /, ([\d.]+) req\/s/));
    const mean = milliseconds(found(stdout, /time for request:\s+\S+\s+\S+\s+(\S+)/));
    const cpuSeconds =
      Number(found(stderr, /cpu ([\d.]+) /)) + Number(found(stderr, /cpu \S+ ([\d.]+)/));
    return { rate, seconds: count / rate, mean, cpuSeconds };
  }
}

function framed(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

function check(report: string, count: number): void {
  const succeeded = Number(found(report, / (\d+) succeeded,/));
  const data = Number(found(report, /\((\d+)\) data/));
  // A refused call succeeds for h2load, but is answered with trailers alone.
  if (succeeded === count && data === count * PREFIX_BYTES) return;
  throw new Error(`expected ${count} accepted calls, got this report of h2load:\n${report}`);
}

function found(report: string, pattern: RegExp): string {
  const text = pattern.exec(report)?.[1];
  if (text === undefined) throw new Error(`expected ${pattern} in h2load's report:\n${report}`);
  return text;
}

const UNITS: Readonly<Record<string, number>> = { us: 1e-3, ms: 1, s: 1e3 };

function milliseconds(text: string): number {
  const [, number, unit] = /^([\d.]+)(us|ms|s)$/.exec(text) ?? [];
  return Number(number) * (UNITS[unit ?? ''] ?? NaN);
}
