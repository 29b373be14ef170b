import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PublishRequest } from '../../protos/gen/services/events/v1/events.js';
import { payloadOf } from '../loads/payload.js';
import type { Defer } from './resources.js';
import { temporaryDirectory } from './temporary-directory.js';

const run = promisify(execFile);

const PUBLISH = 'http://localhost/containerd.services.events.v1.Events/Publish';
const HEADERS = ['content-type: application/grpc', 'te: trailers', 'containerd-namespace: default'];
/**
 * gRPC's prefix of an empty message, which is all that an accepted call is answered with. A refused
 * one has only trailers.
 */
const ANSWER_BYTES = 5;

export interface H2loadRun {
  /** Answered calls per second. */
  readonly rate: number;
  readonly seconds: number;
  /** Of the time from a call to its answer, ms; h2load tells no percentiles. */
  readonly mean: number;
}

/** Unary calls of containerd's Publish, with h2load, over one connection. */
export class PublishLoad {
  readonly #body: string;

  /**
   * @param bytes of each event's payload; h2load sends one and the same event, so all are about one
   * container
   */
  constructor(defer: Defer, bytes: number) {
    this.#body = join(temporaryDirectory(defer), 'request');
    const request = { topic: '/tasks/create', event: payloadOf(0, bytes) };
    writeFileSync(this.#body, framed(PublishRequest.encode(request).finish()));
  }

  /** Rejects unless every single call was accepted. */
  async publish(socket: string, count: number, inFlight: number): Promise<H2loadRun> {
    const load = ['--requests', String(count), '--max-concurrent-streams', String(inFlight)];
    const what = ['--data', this.#body, ...HEADERS.flatMap((header) => ['--header', header])];
    const { stdout } = await run('h2load', [...load, ...what, '-B', `unix:${socket}`, PUBLISH]);
    check(stdout, count);
    const rate = Number(found(stdout, /, ([\d.]+) req\/s/));
    const mean = milliseconds(found(stdout, /time for request:\s+\S+\s+\S+\s+(\S+)/));
    return { rate, seconds: count / rate, mean };
  }
}

function framed(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(ANSWER_BYTES);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

function check(report: string, count: number): void {
  const succeeded = Number(found(report, / (\d+) succeeded,/));
  const data = Number(found(report, /\((\d+)\) data/));
  if (succeeded === count && data === count * ANSWER_BYTES) return;
  throw new Error(`expected ${count} accepted calls, and h2load said:\n${report}`);
}

function found(report: string, pattern: RegExp): string {
  const text = pattern.exec(report)?.[1];
  if (text === undefined) throw new Error(`expected ${pattern} in what h2load says:\n${report}`);
  return text;
}

const UNITS: Readonly<Record<string, number>> = { us: 1e-3, ms: 1, s: 1e3 };

function milliseconds(text: string): number {
  const [, number, unit] = /^([\d.]+)(us|ms|s)$/.exec(text) ?? [];
  return Number(number) * (UNITS[unit ?? ''] ?? NaN);
}
