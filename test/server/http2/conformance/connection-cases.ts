import { expect } from 'chai';
import { FrameClient, within } from '../../../support/http2/frame-client.js';
import {
  ACK,
  data,
  END_HEADERS,
  END_STREAM,
  frame,
  PADDED,
  ping,
  PREFACE,
  PRIORITY,
  priority,
  resetStream,
  settings,
  TYPE,
  uint32,
  windowUpdate,
  WHOLE,
} from '../../../support/http2/frames.js';
import { literal, requestBlock } from '../../../support/http2/hpack.js';
import { answers, endsConnection, endsStream, expectAlive, CODE, type Case } from './case.js';

const BLOCK = requestBlock();
const UNKNOWN_TYPE = 0xbe;
const TOO_LARGE = Buffer.alloc(16_385);

const silent = (path: string): Promise<FrameClient> => FrameClient.connect(path);

/** RFC 9113, section 3.4. */
const preface: Case[] = [
  {
    section: '3.4',
    title: 'sends SETTINGS as its first frame',
    async run(client) {
      await client.settled();
      expect(client.frames[0]).to.include({ type: TYPE.SETTINGS, flags: 0, streamId: 0 });
    },
  },
  {
    section: '3.4',
    title: 'accepts the preface and all frames in single bytes',
    connects: silent,
    async run(client) {
      client.socket.setNoDelay(true);
      const request = frame(TYPE.HEADERS, WHOLE, 1, BLOCK);
      for (const byte of Buffer.concat([PREFACE, settings(), request])) {
        client.send(Buffer.from([byte]));
        await new Promise(setImmediate);
      }
      await client.settled();
      expect(client.isAnswered(1)).to.equal(true);
    },
  },
  {
    section: '3.4',
    title: 'accepts frames that come together with the preface',
    connects: silent,
    async run(client) {
      client.send(PREFACE, settings(), frame(TYPE.HEADERS, WHOLE, 1, BLOCK));
      await client.settled();
      expect(client.isAnswered(1)).to.equal(true);
    },
  },
  ...[
    ['garbage', 'INVALID CONNECTION PREFACE\r\n\r\n'],
    ['a preface whose last byte is wrong', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\r'],
    ['a TLS handshake', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ].map(([what, bytes]): Case => ({
    section: '3.4',
    title: `closes the connection after ${what!}`,
    connects: silent,
    async run(client) {
      client.send(Buffer.from(bytes!, 'latin1'));
      await client.closed();
      // Not even the answer to HTTP/1, which a client could take for a frame.
      expect(client.socket.bytesRead).to.equal(0);
    },
  })),
  ...(
    [
      ['HEADERS', frame(TYPE.HEADERS, WHOLE, 1, BLOCK)],
      ['PING', ping()],
      ['WINDOW_UPDATE', windowUpdate(0, 1)],
      ['an unknown frame', frame(UNKNOWN_TYPE, 0, 0)],
      ['an acknowledgement of SETTINGS and PING', Buffer.concat([frame(4, ACK, 0), ping()])],
    ] as const
  ).map(([what, bytes]): Case => ({
    ...endsConnection('3.4', `answers ${what} before SETTINGS`, 'PROTOCOL_ERROR', bytes),
    connects: async (path) => {
      const client = await FrameClient.connect(path);
      client.send(PREFACE);
      return client;
    },
  })),
];

/** RFC 9113, section 4.1. */
const frameFormat: Case[] = [
  answers('4.1', 'ignores unknown frames of the connection', [], frame(UNKNOWN_TYPE, 0xff, 0)),
  answers(
    '4.1',
    'ignores unknown frames of an open stream, with any payload',
    [1],
    frame(TYPE.HEADERS, END_HEADERS, 1, BLOCK),
    frame(UNKNOWN_TYPE, 0xff, 1, Buffer.alloc(16_384, 'x')),
    data(1, '', END_STREAM),
  ),
  answers('4.1', 'ignores unknown frames of idle streams', [], frame(UNKNOWN_TYPE, 0, 77)),
  answers(
    '4.1',
    'ignores the reserved bit of a stream identifier',
    [1],
    frame(TYPE.HEADERS, WHOLE, 1 + 2 ** 31, BLOCK),
  ),
  answers(
    '4.1',
    'ignores undefined flags of HEADERS and DATA',
    [1],
    frame(TYPE.HEADERS, END_HEADERS | 0xd2, 1, BLOCK),
    data(1, 'x', END_STREAM | 0xf6),
  ),
  answers('4.1', 'ignores undefined flags of PING', [], ping('12345678', 0xfe)),
  answers('4.1', 'ignores undefined flags of SETTINGS', [], frame(TYPE.SETTINGS, 0xfe, 0)),
  answers(
    '4.1',
    'ignores undefined flags of RST_STREAM and WINDOW_UPDATE',
    [],
    frame(TYPE.HEADERS, END_HEADERS, 1, requestBlock('/wait')),
    frame(TYPE.WINDOW_UPDATE, 0xff, 1, uint32(1)),
    frame(TYPE.RST_STREAM, 0xff, 1, uint32(8)),
  ),
];

const open = frame(TYPE.HEADERS, END_HEADERS, 1, requestBlock('/wait'));

/** RFC 9113, section 4.2. */
const frameSize: Case[] = [
  answers(
    '4.2',
    'accepts frames of 16,384 bytes',
    [1],
    frame(TYPE.HEADERS, END_HEADERS, 1, BLOCK, literal('x', 'y'.repeat(16_384 - BLOCK.length - 6))),
    data(1, Buffer.alloc(16_384), END_STREAM),
  ),
  ...(
    [
      ['DATA', 0x0, 1],
      ['HEADERS', 0x1, 3],
      ['PRIORITY', 0x2, 1],
      ['RST_STREAM', 0x3, 1],
      ['SETTINGS', 0x4, 0],
      ['PING', 0x6, 0],
      ['GOAWAY', 0x7, 0],
      ['WINDOW_UPDATE', 0x8, 0],
      ['CONTINUATION', 0x9, 1],
      ['an unknown frame', UNKNOWN_TYPE, 0],
    ] as const
  ).map(([what, type, streamId]) =>
    endsConnection(
      '4.2',
      `answers ${what} of more than 16,384 bytes`,
      'FRAME_SIZE_ERROR',
      open,
      frame(type, 0, streamId, TOO_LARGE),
    ),
  ),
  {
    section: '4.2',
    title: 'refuses a frame by its header, before its payload has come',
    async run(client) {
      client.send(Buffer.from([0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1]));
      await client.closed();
      expect(client.goAways[0]!.code).to.equal(CODE.FRAME_SIZE_ERROR);
    },
  },
  ...(
    [
      ['PING of 7 bytes', frame(TYPE.PING, 0, 0, Buffer.alloc(7))],
      ['RST_STREAM of 3 bytes', frame(TYPE.RST_STREAM, 0, 1, Buffer.alloc(3))],
      ['RST_STREAM of 5 bytes', frame(TYPE.RST_STREAM, 0, 1, Buffer.alloc(5))],
      ['WINDOW_UPDATE of 3 bytes', frame(TYPE.WINDOW_UPDATE, 0, 1, Buffer.alloc(3))],
      ['WINDOW_UPDATE of 5 bytes', frame(TYPE.WINDOW_UPDATE, 0, 0, Buffer.alloc(5))],
      ['GOAWAY of 7 bytes', frame(TYPE.GOAWAY, 0, 0, Buffer.alloc(7))],
      ['SETTINGS of 5 bytes', frame(TYPE.SETTINGS, 0, 0, Buffer.alloc(5))],
    ] as const
  ).map(([what, bytes]) =>
    endsConnection('4.2', `answers ${what}`, 'FRAME_SIZE_ERROR', open, bytes),
  ),
];

const begun = frame(TYPE.HEADERS, END_STREAM, 1, BLOCK);

/** RFC 9113, section 4.3. */
const fieldBlocks: Case[] = [
  answers(
    '4.3',
    'joins a block that is cut anywhere',
    [1],
    frame(TYPE.HEADERS, END_STREAM, 1, BLOCK.subarray(0, 3)),
    ...[...BLOCK.subarray(3)].map((byte) => frame(TYPE.CONTINUATION, 0, 1, Buffer.from([byte]))),
    frame(TYPE.CONTINUATION, END_HEADERS, 1),
  ),
  ...(
    [
      ['DATA', data(1, 'x')],
      ['HEADERS of another stream', frame(TYPE.HEADERS, WHOLE, 3, BLOCK)],
      ['HEADERS of the same stream', frame(TYPE.HEADERS, WHOLE, 1, BLOCK)],
      ['PRIORITY', priority(1)],
      ['RST_STREAM', resetStream(1)],
      ['SETTINGS', settings()],
      ['PING', ping()],
      ['GOAWAY', frame(TYPE.GOAWAY, 0, 0, Buffer.alloc(8))],
      ['WINDOW_UPDATE', windowUpdate(0, 1)],
      ['an unknown frame', frame(UNKNOWN_TYPE, 0, 1)],
      ['CONTINUATION of another stream', frame(TYPE.CONTINUATION, END_HEADERS, 3)],
    ] as const
  ).map(([what, bytes]) =>
    endsConnection('4.3', `answers ${what} within a block`, 'PROTOCOL_ERROR', begun, bytes),
  ),
  endsConnection(
    '4.3',
    'answers a block that cannot be decoded',
    'COMPRESSION_ERROR',
    frame(TYPE.HEADERS, WHOLE, 1, Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff])),
  ),
  {
    section: '4.3',
    title: 'keeps its table in step by the block of a refused request',
    options: { maxConcurrentStreams: 1 },
    async run(client, server) {
      client.send(open);
      const indexed = literal('x-kept', 'yes', 0x40);
      client.send(frame(TYPE.HEADERS, WHOLE, 3, requestBlock(), indexed));
      client.send(resetStream(1));
      client.send(frame(TYPE.HEADERS, WHOLE, 5, requestBlock(), Buffer.from([0x80 | 62])));
      await client.settled();
      expect(client.resetOf(3)).to.equal(CODE.REFUSED_STREAM);
      expect(server.requests.get(5)!.headers.get('x-kept')).to.equal('yes');
    },
  },
  {
    section: '4.3',
    title: 'keeps its table in step by the block of a malformed request, and by trailers',
    async run(client, server) {
      const malformed = literal('Upper', 'case');
      const first = literal('x-first', '1', 0x40);
      const second = literal('x-second', '2', 0x40);
      client.send(
        frame(TYPE.HEADERS, WHOLE, 1, requestBlock(), malformed, first),
        frame(TYPE.HEADERS, END_HEADERS, 3, BLOCK),
        frame(TYPE.HEADERS, WHOLE, 3, second),
        frame(TYPE.HEADERS, WHOLE, 5, BLOCK, Buffer.from([0x80 | 62, 0x80 | 63])),
      );
      await client.settled();
      const { headers } = server.requests.get(5)!;
      expect([headers.get('x-first'), headers.get('x-second')]).to.deep.equal(['1', '2']);
    },
  },
  {
    section: '4.3',
    title: 'cuts a long block into HEADERS and CONTINUATION of the same stream',
    async run(client) {
      client.request(1, '/headers/40000');
      await client.settled();
      const parts = client.frames.filter(({ streamId }) => streamId === 1).slice(0, 3);
      expect(parts.map(({ type }) => type)).to.deep.equal([1, 9, 9]);
      expect(parts.map(({ flags }) => flags & END_HEADERS)).to.deep.equal([0, 0, END_HEADERS]);
      expect(client.headerLists()[0]!.fields[1]![1]).to.have.lengthOf(40_000);
    },
  },
];

/** RFC 9113, sections 5.4 and 5.5. */
const errorHandling: Case[] = [
  {
    section: '5.4.1',
    title: 'names the last stream in the GOAWAY of an error, and closes',
    async run(client) {
      client.request(5);
      client.send(ping('short', 0).subarray(0, 9), Buffer.alloc(5));
      client.send(windowUpdate(0, 0));
      await client.closed();
      expect(client.goAways[0]!.lastStreamId).to.equal(5);
    },
  },
  {
    section: '5.4.1',
    title: 'sends the answers that it has before the GOAWAY of an error',
    async run(client) {
      client.send(frame(TYPE.HEADERS, WHOLE, 1, BLOCK), windowUpdate(0, 0));
      await client.closed();
      expect(client.goAways[0]!.code).to.equal(CODE.PROTOCOL_ERROR);
    },
  },
  {
    section: '5.4.1',
    title: 'tells handlers of open streams that the connection is lost',
    async run(client, server) {
      client.send(open, windowUpdate(0, 0));
      await client.closed();
      expect(server.requests.get(1)!.closed).to.equal('lost');
    },
  },
  {
    section: '5.4.2',
    title: 'does not answer RST_STREAM with RST_STREAM',
    async run(client) {
      client.send(open, resetStream(1), resetStream(1));
      await client.settled();
      expect(client.of(TYPE.RST_STREAM)).to.deep.equal([]);
      await expectAlive(client);
    },
  },
  answers('5.5', 'ignores unknown settings', [], settings([0xbeef, 1], [0x99, 0xffffffff])),
  {
    section: '5.5',
    title: 'sends no frame, setting or flag that RFC 9113 does not define',
    async run(client) {
      client.request(1, '/headers/20000');
      client.request(3, '/bytes/20000');
      await client.settled();
      expect(client.frames.filter(({ type }) => type > 9)).to.deep.equal([]);
      const { payload } = client.settings;
      for (let at = 0; at < payload.length; at += 6) {
        expect(payload.readUInt16BE(at)).to.be.within(1, 6);
      }
      const undefinedFlags = client.frames.filter(({ flags }) => (flags & ~0x2d) !== 0);
      expect(undefinedFlags).to.deep.equal([]);
    },
  },
];

/** RFC 9113, section 6.7. */
const pings: Case[] = [
  {
    section: '6.7',
    title: 'answers PING with the same payload and ACK',
    async run(client) {
      client.send(ping('\0 abcdef'));
      await within(() => client.of(TYPE.PING).length > 0);
      const [answer] = client.of(TYPE.PING);
      expect(answer).to.include({ flags: ACK, streamId: 0 });
      expect(answer!.payload.equals(Buffer.from('\0 abcdef'))).to.equal(true);
    },
  },
  {
    section: '6.7',
    title: 'does not answer PING with ACK',
    async run(client) {
      client.send(ping('ackacked', ACK));
      await client.settled();
      const payloads = client.of(TYPE.PING).map(({ payload }) => payload.toString());
      expect(payloads).to.not.include('ackacked');
    },
  },
  endsConnection(
    '6.7',
    'answers PING of a stream',
    'PROTOCOL_ERROR',
    frame(6, 0, 1, Buffer.alloc(8)),
  ),
  endsConnection(
    '6.7',
    'answers PING of 9 bytes',
    'FRAME_SIZE_ERROR',
    frame(6, 0, 0, Buffer.alloc(9)),
  ),
  endsConnection('6.7', 'answers PING of 0 bytes', 'FRAME_SIZE_ERROR', frame(6, 0, 0)),
];

/** RFC 9113, section 6.8. */
const goAway: Case[] = [
  endsConnection(
    '6.8',
    'answers GOAWAY of a stream',
    'PROTOCOL_ERROR',
    frame(TYPE.GOAWAY, 0, 1, Buffer.alloc(8)),
  ),
  {
    section: '6.8',
    title: 'answers open and later streams after the GOAWAY of a client',
    async run(client) {
      client.send(frame(TYPE.HEADERS, END_HEADERS, 1, BLOCK));
      client.send(frame(TYPE.GOAWAY, 0, 0, uint32(0), uint32(0), Buffer.from('bye')));
      client.send(data(1, '', END_STREAM));
      await client.settled();
      expect(client.isAnswered(1)).to.equal(true);
      await expectAlive(client);
    },
  },
  answers('6.8', 'accepts GOAWAY with an unknown code', [], frame(7, 0, 0, uint32(0), uint32(999))),
  {
    section: '6.8',
    title: 'drains in two steps, whose last stream does not grow',
    async run(client, server) {
      client.request(1, '/wait');
      await client.settled();
      const drained = server.running.http2.drain();
      await within(() => client.goAways.length === 1);
      // A request on its way before the client knows is still taken.
      client.request(3, '/wait');
      const [, , { payload }] = client.of(TYPE.PING) as [unknown, unknown, { payload: Buffer }];
      client.send(ping(payload, ACK));
      await within(() => client.goAways.length === 2);
      expect(client.goAways.map((one) => one.lastStreamId)).to.deep.equal([2 ** 31 - 1, 3]);
      expect(client.goAways.map((one) => one.code)).to.deep.equal([0, 0]);
      client.request(5);
      await client.settled();
      expect(client.frames.filter(({ streamId }) => streamId === 5)).to.deep.equal([]);
      for (const { stream } of server.requests.values()) stream.reset();
      await client.closed();
      await drained;
    },
  },
  {
    section: '6.8',
    title: 'counts blocks and data of streams that its GOAWAY excludes',
    async run(client, server) {
      client.send(open);
      await client.settled();
      void server.running.http2.drain();
      await within(() => client.goAways.length === 1);
      const [, , { payload }] = client.of(TYPE.PING) as [unknown, unknown, { payload: Buffer }];
      client.send(ping(payload, ACK));
      await within(() => client.goAways.length === 2);
      const kept = literal('x-kept', 'yes', 0x40);
      client.send(frame(TYPE.HEADERS, END_HEADERS, 3, BLOCK, kept));
      for (let i = 0; i < 40; i++) client.send(data(3, Buffer.alloc(16_384)));
      client.send(frame(TYPE.HEADERS, WHOLE, 1, Buffer.from([0x80 | 62])));
      await client.settled();
      expect(server.requests.get(1)!.trailers!.get('x-kept')).to.equal('yes');
      expect(client.of(TYPE.WINDOW_UPDATE, 0).length).to.be.greaterThan(1);
    },
  },
];

/** RFC 9113, sections 6.6 and 6.10. */
const pushAndContinuation: Case[] = [
  endsConnection(
    '6.6',
    'answers PUSH_PROMISE',
    'PROTOCOL_ERROR',
    open,
    frame(TYPE.PUSH_PROMISE, END_HEADERS, 1, uint32(2), BLOCK),
  ),
  endsConnection(
    '6.10',
    'answers CONTINUATION without HEADERS',
    'PROTOCOL_ERROR',
    frame(TYPE.CONTINUATION, END_HEADERS, 1, BLOCK),
  ),
  endsConnection(
    '6.10',
    'answers CONTINUATION after a complete block',
    'PROTOCOL_ERROR',
    open,
    frame(TYPE.CONTINUATION, END_HEADERS, 1, BLOCK),
  ),
  endsConnection(
    '6.10',
    'answers CONTINUATION after DATA',
    'PROTOCOL_ERROR',
    open,
    data(1, 'x'),
    frame(TYPE.CONTINUATION, END_HEADERS, 1, BLOCK),
  ),
  endsConnection(
    '6.10',
    'answers CONTINUATION of stream 0',
    'PROTOCOL_ERROR',
    begun,
    frame(TYPE.CONTINUATION, END_HEADERS, 0),
  ),
  answers(
    '6.10',
    'accepts several CONTINUATION frames, and END_STREAM before them',
    [1],
    begun,
    frame(TYPE.CONTINUATION, 0, 1, literal('a', '1')),
    frame(TYPE.CONTINUATION, 0, 1),
    frame(TYPE.CONTINUATION, END_HEADERS, 1, literal('b', '2')),
  ),
];

/** RFC 9113, section 6.2 and 6.3: what priorities and padding do to a HEADERS frame. */
const headersAndPriority: Case[] = [
  endsConnection('6.2', 'answers HEADERS of stream 0', 'PROTOCOL_ERROR', frame(1, WHOLE, 0, BLOCK)),
  answers(
    '6.2',
    'strips padding and priority of HEADERS',
    [1],
    frame(
      TYPE.HEADERS,
      WHOLE | PADDED | PRIORITY,
      1,
      Buffer.from([4]),
      uint32(0),
      Buffer.from([15]),
      BLOCK,
      Buffer.alloc(4),
    ),
  ),
  answers(
    '6.2',
    'accepts HEADERS of priority alone, with its block in CONTINUATION',
    [1],
    frame(TYPE.HEADERS, END_STREAM | PRIORITY, 1, uint32(0), Buffer.from([15])),
    frame(TYPE.CONTINUATION, END_HEADERS, 1, BLOCK),
  ),
  endsConnection(
    '6.2',
    'answers HEADERS with more padding than payload',
    'PROTOCOL_ERROR',
    frame(TYPE.HEADERS, WHOLE | PADDED, 1, Buffer.from([BLOCK.length + 1]), BLOCK),
  ),
  endsConnection(
    '6.2',
    'answers padded HEADERS without a pad length',
    'PROTOCOL_ERROR',
    frame(TYPE.HEADERS, WHOLE | PADDED, 1),
  ),
  endsConnection(
    '6.2',
    'answers HEADERS without the priority that a flag announces',
    'PROTOCOL_ERROR',
    frame(TYPE.HEADERS, WHOLE | PRIORITY, 1, Buffer.alloc(4)),
  ),
  endsStream(
    '6.2',
    'answers HEADERS of a stream that depends on itself',
    1,
    'PROTOCOL_ERROR',
    frame(TYPE.HEADERS, WHOLE | PRIORITY, 1, uint32(1), Buffer.from([15]), BLOCK),
  ),
  endsConnection('6.3', 'answers PRIORITY of stream 0', 'PROTOCOL_ERROR', priority(0)),
  endsStream(
    '6.3',
    'answers PRIORITY of 4 bytes',
    1,
    'FRAME_SIZE_ERROR',
    open,
    frame(TYPE.PRIORITY, 0, 1, Buffer.alloc(4)),
  ),
  endsStream(
    '6.3',
    'answers PRIORITY of a stream that depends on itself',
    1,
    'PROTOCOL_ERROR',
    open,
    priority(1, 1),
  ),
  answers('6.3', 'ignores PRIORITY of an idle stream', [], priority(9, 7)),
  answers(
    '6.3',
    'ignores PRIORITY of open, half-closed and closed streams',
    [1, 3],
    frame(TYPE.HEADERS, END_HEADERS, 1, BLOCK),
    priority(1, 0),
    frame(TYPE.HEADERS, WHOLE, 3, BLOCK),
    priority(3, 1),
    data(1, '', END_STREAM),
    priority(1, 3),
  ),
];

export const CONNECTION_CASES: readonly Case[] = [
  ...preface,
  ...frameFormat,
  ...frameSize,
  ...fieldBlocks,
  ...errorHandling,
  ...headersAndPriority,
  ...pushAndContinuation,
  ...pings,
  ...goAway,
];
