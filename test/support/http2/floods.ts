import type { Http2Options, RequestListener } from '../../../server/http2/index.js';
import {
  ACK,
  data,
  END_HEADERS,
  frame,
  ping,
  priority,
  resetStream,
  settings,
  TYPE,
  windowUpdate,
  WHOLE,
} from './frames.js';
import { literal, requestBlock } from './hpack.js';
import { answerEmpty } from './responders.js';

const MIB = 1024 * 1024;

/** Frames that a client repeats, and that must cost it its connection. */
export interface Flood {
  readonly name: string;
  /** Sent once, before the rounds. */
  readonly begin?: readonly Buffer[];
  /** The frames of one round; `id` is a stream that no earlier round had. */
  readonly round: (id: number) => readonly Buffer[];
  /** Rounds after which the connection must be cut. */
  readonly rounds: number;
  readonly listener?: RequestListener;
  readonly options?: Partial<Http2Options>;
}

const open = frame(TYPE.HEADERS, END_HEADERS, 1, requestBlock('/wait'));

const LARGE_BLOCK = requestBlock('/wait', ['a', 'x'.repeat(12_000)]);

export const FLOODS: readonly Flood[] = [
  {
    name: 'requests that it resets at once (CVE-2023-44487)',
    round: (id) => [frame(TYPE.HEADERS, END_HEADERS, id, requestBlock()), resetStream(id)],
    rounds: 1500,
  },
  {
    name: 'faults by which the server resets (CVE-2025-8671)',
    round: (id) => [frame(TYPE.HEADERS, END_HEADERS, id, requestBlock()), windowUpdate(id, 0)],
    rounds: 1500,
  },
  {
    name: 'requests of 12 KB each, and ends none',
    round: (id) => [frame(TYPE.HEADERS, END_HEADERS, id, LARGE_BLOCK)],
    rounds: 20_000,
  },
  {
    name: 'malformed requests',
    round: (id) => [frame(TYPE.HEADERS, WHOLE, id, literal('Upper', 'case'))],
    rounds: 1500,
  },
  {
    name: 'DATA of streams that have ended',
    begin: [frame(TYPE.HEADERS, WHOLE, 1, requestBlock())],
    round: () => [data(1, 'x')],
    rounds: 1500,
    listener: answerEmpty,
  },
  { name: 'PING (CVE-2019-9512)', round: () => [ping()], rounds: 1500 },
  { name: 'acknowledgements of PING', round: () => [ping('12345678', ACK)], rounds: 1500 },
  { name: 'SETTINGS (CVE-2019-9515)', round: () => [settings([4, 65_535])], rounds: 1500 },
  { name: 'PRIORITY', round: () => [priority(1)], rounds: 1500 },
  { name: 'unknown frames', round: () => [frame(0xbe, 0, 0)], rounds: 1500 },
  { name: 'GOAWAY', round: () => [frame(TYPE.GOAWAY, 0, 0, Buffer.alloc(8))], rounds: 1500 },
  { name: 'empty DATA (CVE-2019-9518)', begin: [open], round: () => [data(1, '')], rounds: 1500 },
  { name: 'DATA of one byte', begin: [open], round: () => [data(1, 'x')], rounds: 1500 },
  {
    name: 'WINDOW_UPDATE without any data',
    begin: [open],
    round: () => [windowUpdate(1, 1)],
    rounds: 3000,
  },
  {
    name: 'windows that open by a byte at a time',
    begin: [settings([4, 0]), frame(TYPE.HEADERS, WHOLE, 1, requestBlock('/large'))],
    round: () => [windowUpdate(1, 1)],
    rounds: 3000,
    listener: (stream) => {
      stream.sendData(Buffer.alloc(MIB));
    },
  },
  {
    name: 'empty CONTINUATION (CVE-2024-27316)',
    begin: [frame(TYPE.HEADERS, 0, 1, requestBlock())],
    round: () => [frame(TYPE.CONTINUATION, 0, 1)],
    rounds: 300,
  },
  {
    name: 'CONTINUATION without an end',
    begin: [frame(TYPE.HEADERS, 0, 1, requestBlock())],
    round: () => [frame(TYPE.CONTINUATION, 0, 1, literal('x', 'y'.repeat(16_000)))],
    rounds: 200,
  },
  {
    name: 'blocks that refer to a large field thousands of times (HPACK bomb)',
    begin: [frame(TYPE.HEADERS, WHOLE, 1, requestBlock(), literal('bomb', 'z'.repeat(3900), 0x40))],
    round: (id) => [
      frame(TYPE.HEADERS, WHOLE, id, requestBlock(), Buffer.alloc(15_000, 0x80 | 62)),
    ],
    rounds: 1500,
  },
];
