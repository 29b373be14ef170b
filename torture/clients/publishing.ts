import { setTimeout as delay } from 'node:timers/promises';
import { FoghornError, timestampFromNanos } from '../../client/index.js';
import type { Client, Receipt } from '../../client/index.js';
import { parseFact } from '../records/fact.js';
import type { PublisherLine } from '../records/lines.js';
import { payloadOf } from '../records/payload.js';
import { readRecord } from '../records/record-reader.js';
import type { RecordWriter } from '../records/record-writer.js';

type Invoke = Extract<PublisherLine, { kind: 'invoke' }>;

/** An event to store. */
export type Report = Pick<Invoke, 'way' | 'fact' | 'time'>;

/** State left by the publisher's earlier processes. */
export interface Left {
  readonly processes: number;
  readonly calls: number;
  /** Highest pid of any recorded fact. */
  readonly pid: number;
  /** Envelopes that were forwarded without an answer. */
  readonly unanswered: readonly Report[];
}

/** Milliseconds between two attempts to forward an envelope. */
const AGAIN_MS = 500;

/** Makes the calls of one publisher and records each before the call and after its answer. */
export class Publishing {
  #calls: number;

  constructor(
    private readonly client: Client,
    private readonly record: RecordWriter<PublisherLine>,
    { calls }: Left,
  ) {
    this.#calls = calls;
  }

  /**
   * Makes one call. Resolves with whether the broker or the spool accepted the event.
   *
   * @throws FoghornError that no fault explains
   */
  async send(report: Report, again = false): Promise<boolean> {
    const n = ++this.#calls;
    const { way, fact, time } = report;
    this.record.write({ kind: 'invoke', n, way, fact, time, again });
    try {
      const receipt = await this.#call(report);
      this.record.write({ n, ...receipt });
      return true;
    } catch (error) {
      if (!(error instanceof FoghornError)) throw error;
      this.record.write({ kind: 'failed', n, code: error.code, message: error.message });
      return false;
    }
  }

  /**
   * Forwards until the envelope is accepted. A published event is sent once, because the broker
   * could not recognise a copy.
   */
  async deliver(report: Report, signal: AbortSignal, again = false): Promise<void> {
    let accepted = await this.send(report, again);
    while (!accepted && report.way === 'forward' && !signal.aborted) {
      await delay(AGAIN_MS);
      accepted = await this.send(report, true);
    }
  }

  #call({ way, fact: text, time }: Report): Promise<Receipt> {
    const fact = parseFact(text);
    const { namespace, topic } = fact;
    const event = payloadOf(fact, BigInt(time));
    if (way === 'publish') return this.client.publish({ namespace, topic, event });
    const timestamp = timestampFromNanos(BigInt(time));
    return this.client.forward({ timestamp, namespace, topic, event });
  }
}

/** Restores the state of earlier processes from their record. */
export function leftIn(path: string): Left {
  const open = new Map<string, Report>();
  const byCall = new Map<number, Invoke>();
  let processes = 0;
  let calls = 0;
  let pid = 0;
  for (const line of readRecord<PublisherLine>(path)) {
    if (line.kind === 'invoke') {
      calls = Math.max(calls, line.n);
      byCall.set(line.n, line);
      pid = Math.max(pid, parseFact(line.fact).pid, execNumber(line.fact));
      if (line.way === 'forward') open.set(line.fact, line);
    } else if (line.kind === 'stored' || line.kind === 'spooled') {
      open.delete(byCall.get(line.n)?.fact ?? '');
    } else if (line.kind === 'begin') {
      processes += 1;
    }
  }
  return { processes, calls, pid, unanswered: [...open.values()] };
}

/** An exec is named after its pid, because its first event carries none. */
function execNumber(fact: string): number {
  return Number(parseFact(fact).exec.slice(1));
}
