import {
  ACK,
  data,
  END_HEADERS,
  END_STREAM,
  frame,
  PADDED,
  ping,
  PRIORITY,
  priority,
  resetStream,
  settings,
  TYPE,
  uint32,
  windowUpdate,
} from '../../test/support/http2/frames.js';
import { integer, literal, text } from '../../test/support/http2/hpack.js';
import type { Random } from '../random.js';
import type { RequestMaker, TrafficRequest } from './target.js';

const WINDOWS = [0, 1, 100, 65_535, 1_000_000, 2 ** 31 - 1];

/** Makes the frames of a client that follows the rules, in an order that a seed decides. */
export class Traffic {
  #nextId = 1;
  readonly #open = new Map<number, TrafficRequest>();
  #added = 0;

  constructor(
    private readonly random: Random,
    private readonly makeRequest: RequestMaker,
  ) {}

  /** The frames of the client's next step. */
  next(): Buffer[] {
    const { random } = this;
    const step = random.between(0, 99);
    if (step < 35 || this.#open.size === 0) return this.#request();
    if (step < 65) return [this.#data(random.chance(0.3))];
    if (step < 70) return [this.#trailers()];
    if (step < 75) return [resetStream(this.#close(), random.between(0, 14))];
    if (step < 85) {
      const id = random.chance(0.5) ? 0 : this.#pick();
      return [windowUpdate(id, random.between(1, 50_000))];
    }
    if (step < 89) return [this.#settings()];
    if (step < 93) return [ping('12345678', random.chance(0.2) ? ACK : 0)];
    if (step < 96) return [priority(random.between(1, 99), 0)];
    return [frame(random.between(10, 255), random.between(0, 255), random.between(0, 9))];
  }

  #request(): Buffer[] {
    const { random } = this;
    const id = this.#nextId;
    this.#nextId += 2;
    const ends = random.chance(0.4);
    const request = this.makeRequest(random);
    if (!ends) this.#open.set(id, request);
    const block = Buffer.concat([request.head, this.#fields()]);
    const flags = ends ? END_STREAM : 0;
    if (random.chance(0.1)) return this.#inParts(id, flags, block);
    if (random.chance(0.1)) {
      const padding = random.between(0, 50);
      const weighted = [uint32(0), Buffer.from([15])];
      const parts = [Buffer.from([padding]), ...weighted, block, Buffer.alloc(padding)];
      return [frame(TYPE.HEADERS, flags | END_HEADERS | PADDED | PRIORITY, id, ...parts)];
    }
    return [frame(TYPE.HEADERS, flags | END_HEADERS, id, block)];
  }

  #inParts(id: number, flags: number, block: Buffer): Buffer[] {
    const cut = this.random.between(0, block.length);
    return [
      frame(TYPE.HEADERS, flags, id, block.subarray(0, cut)),
      frame(TYPE.CONTINUATION, END_HEADERS, id, block.subarray(cut)),
    ];
  }

  #fields(): Buffer {
    const { random } = this;
    const fields = Array.from({ length: random.between(0, 5) }, () => {
      if (random.chance(0.2) && this.#added > 0) {
        return integer(0x80, 7, 62 + random.between(0, Math.min(this.#added, 20) - 1));
      }
      if (random.chance(0.3)) return integer(0x80, 7, random.between(15, 31));
      if (random.chance(0.3)) return Buffer.concat([integer(0, 4, 58), text('agent')]);
      const pattern = random.pick([0x00, 0x10, 0x40]);
      if (pattern === 0x40) this.#added += 1;
      return literal(`x-${random.between(0, 9)}`, 'v'.repeat(random.between(0, 60)), pattern);
    });
    return Buffer.concat(fields);
  }

  #data(ends: boolean): Buffer {
    const { random } = this;
    const id = this.#pick();
    const body = this.#open.get(id)?.body() ?? Buffer.alloc(0);
    if (ends) this.#open.delete(id);
    const flags = ends ? END_STREAM : 0;
    if (random.chance(0.8)) return data(id, body, flags);
    const padding = random.between(0, 255);
    const parts = [Buffer.from([padding]), body, Buffer.alloc(padding)];
    return frame(TYPE.DATA, flags | PADDED, id, ...parts);
  }

  #trailers(): Buffer {
    return frame(TYPE.HEADERS, END_HEADERS | END_STREAM, this.#close(), literal('x-end', '1'));
  }

  #settings(): Buffer {
    const { random } = this;
    if (random.chance(0.2)) return frame(TYPE.SETTINGS, ACK, 0);
    return settings(
      [1, random.pick([0, 100, 4096, 65_536])],
      [4, random.pick(WINDOWS)],
      [6, random.pick([100, 2 ** 32 - 1])],
    );
  }

  #pick(): number {
    return this.random.pick([...this.#open.keys()]);
  }

  /** Picks an open stream that gets no more frames. */
  #close(): number {
    const id = this.#pick();
    this.#open.delete(id);
    return id;
  }
}
