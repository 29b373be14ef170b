import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Client, Receipt } from '../../../client/index.js';
import { FoghornError } from '../../../protocol/errors.js';
import type { PayloadTypes } from '../../../protocol/payload-types.js';
import { parseEnvelopeJson } from '../../../protocol/event-json.js';

/** Limits of lines on their way to the broker. At either limit, the older half is awaited. */
const MAX_LINES_UNDER_WAY = 4096;
const MAX_CHARS_UNDER_WAY = 8 * 1024 * 1024;

/** A line whose envelope was handed to the client. */
interface SentLine {
  readonly number: number;
  readonly chars: number;
  readonly receipt: Promise<Receipt>;
}

/**
 * Forwards the envelopes in lines of JSON, in their order and many at a time. Returns the receipt
 * of the last one, if any; everything spooled earlier comes before it.
 *
 * @throws FoghornError for the first line that fails. The text has its number, and how many
 *   envelopes were accepted before it. Lines after one that the broker refuses may be stored too.
 */
export async function forwardLines(
  client: Client,
  input: Readable,
  types: PayloadTypes,
): Promise<Receipt | undefined> {
  const lines = new LinesUnderWay();
  let number = 0;
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    number++;
    if (line.trim() === '') continue;
    lines.add({ number, chars: line.length, receipt: forwardLine(client, line, types) });
    if (lines.isFull) await lines.awaitOlderHalf();
    // Lets a line that cannot be parsed fail before the next one is sent.
    else await Promise.resolve();
    if (lines.hasFailed) break;
  }
  return lines.awaitAll();
}

async function forwardLine(client: Client, line: string, types: PayloadTypes): Promise<Receipt> {
  return client.forward(parseEnvelopeJson(line, types));
}

/** The lines that have no answer yet, and the outcome of those before them. */
class LinesUnderWay {
  #lines: SentLine[] = [];
  #chars = 0;
  #accepted = 0;
  #last: Receipt | undefined;
  /** Whether a line has failed, so that no further one may be sent. */
  hasFailed = false;

  get isFull(): boolean {
    return this.#lines.length >= MAX_LINES_UNDER_WAY || this.#chars >= MAX_CHARS_UNDER_WAY;
  }

  add(line: SentLine): void {
    this.#lines.push(line);
    this.#chars += line.chars;
    line.receipt.catch(() => (this.hasFailed = true));
  }

  awaitOlderHalf(): Promise<void> {
    return this.#await(Math.ceil(this.#lines.length / 2));
  }

  async awaitAll(): Promise<Receipt | undefined> {
    await this.#await(this.#lines.length);
    return this.#last;
  }

  async #await(count: number): Promise<void> {
    for (const line of this.#lines.splice(0, count)) {
      try {
        this.#last = await line.receipt;
      } catch (error) {
        throw this.#failure(line, error);
      }
      this.#accepted++;
      this.#chars -= line.chars;
    }
  }

  #failure({ number }: SentLine, error: unknown): unknown {
    if (!(error instanceof FoghornError)) return error;
    const accepted = this.#accepted;
    const before = accepted === 1 ? '1 envelope was' : `${accepted} envelopes were`;
    const text = `line ${number}: ${error.message} (${before} accepted before it)`;
    return new FoghornError(error.code, text, { cause: error });
  }
}
