import { expect } from 'chai';
import { within } from '../../../support/http2/frame-client.js';
import {
  data,
  END_HEADERS,
  END_STREAM,
  frame,
  PADDED,
  resetStream,
  settings,
  TYPE,
  windowUpdate,
  WHOLE,
} from '../../../support/http2/frames.js';
import { requestBlock } from '../../../support/http2/hpack.js';
import { answers, CODE, endsConnection, endsStream, expectAlive, type Case } from './case.js';

const BLOCK = requestBlock();
const WAIT = requestBlock('/wait');

const openStream = frame(TYPE.HEADERS, END_HEADERS, 1, WAIT);
const halfClosed = frame(TYPE.HEADERS, WHOLE, 1, WAIT);
const answered = frame(TYPE.HEADERS, WHOLE, 1, BLOCK);

/** RFC 9113, section 5.1. */
const states: Case[] = [
  ...(
    [
      ['DATA', data(1, 'x')],
      ['RST_STREAM', resetStream(1)],
      ['WINDOW_UPDATE', windowUpdate(1, 1)],
    ] as const
  ).map(([what, bytes]) =>
    endsConnection('5.1', `answers ${what} of an idle stream`, 'PROTOCOL_ERROR', bytes),
  ),
  endsStream('5.1', 'answers DATA after END_STREAM', 1, 'STREAM_CLOSED', halfClosed, data(1, 'x')),
  endsStream(
    '5.1',
    'answers HEADERS after END_STREAM',
    1,
    'STREAM_CLOSED',
    halfClosed,
    frame(TYPE.HEADERS, WHOLE, 1, BLOCK),
  ),
  {
    section: '5.1',
    title: 'accepts WINDOW_UPDATE and RST_STREAM of a half-closed stream',
    async run(client, server) {
      client.send(halfClosed, windowUpdate(1, 100), resetStream(1));
      await client.settled();
      expect(server.requests.get(1)!.closed).to.equal('reset');
      await expectAlive(client);
    },
  },
  endsStream(
    '5.1',
    'answers DATA of a stream that the client reset',
    1,
    'STREAM_CLOSED',
    openStream,
    resetStream(1),
    data(1, 'x'),
  ),
  endsConnection(
    '5.1',
    'answers HEADERS of a stream that the client reset',
    'STREAM_CLOSED',
    openStream,
    resetStream(1),
    frame(TYPE.HEADERS, WHOLE, 1, BLOCK),
  ),
  endsStream(
    '5.1',
    'answers DATA of a stream that has ended',
    1,
    'STREAM_CLOSED',
    answered,
    data(1, 'x'),
  ),
  endsConnection(
    '5.1',
    'answers HEADERS of a stream that has ended',
    'STREAM_CLOSED',
    answered,
    frame(TYPE.HEADERS, WHOLE, 1, BLOCK),
  ),
  endsConnection(
    '5.1',
    'answers CONTINUATION of a stream that has ended',
    'PROTOCOL_ERROR',
    answered,
    frame(TYPE.CONTINUATION, END_HEADERS, 1, BLOCK),
  ),
  answers(
    '5.1',
    'ignores WINDOW_UPDATE and RST_STREAM of a stream that has ended',
    [1],
    answered,
    windowUpdate(1, 1),
    resetStream(1),
  ),
  {
    section: '5.1',
    title: 'ignores frames of a stream that it reset itself',
    async run(client, server) {
      client.send(openStream);
      await client.settled();
      server.requests.get(1)!.stream.reset(CODE.CANCEL);
      client.send(data(1, 'x'), windowUpdate(1, 1));
      client.send(frame(TYPE.HEADERS, WHOLE, 1, requestBlock()), resetStream(1));
      await client.settled();
      expect(client.of(TYPE.RST_STREAM).length).to.equal(1);
      await expectAlive(client);
    },
  },
  {
    section: '5.1',
    title: 'sends nothing on a stream that the client reset',
    async run(client, server) {
      client.send(openStream);
      await client.settled();
      const { stream } = server.requests.get(1)!;
      client.send(resetStream(1));
      await client.settled();
      stream.sendData(Buffer.from('late'));
      stream.end();
      stream.reset();
      await client.settled();
      expect(client.frames.filter(({ streamId }) => streamId === 1)).to.deep.equal([]);
    },
  },
  {
    section: '5.1',
    title: 'sends nothing after END_STREAM',
    async run(client, server) {
      client.send(answered);
      await client.settled();
      const { stream } = server.requests.get(1)!;
      const before = client.frames.filter(({ streamId }) => streamId === 1).length;
      stream.sendData(Buffer.from('late'));
      stream.end();
      stream.reset();
      await client.settled();
      expect(client.frames.filter(({ streamId }) => streamId === 1).length).to.equal(before);
    },
  },
];

/** RFC 9113, sections 5.1.1 and 5.1.2. */
const identifiers: Case[] = [
  endsConnection(
    '5.1.1',
    'answers a stream with an even identifier',
    'PROTOCOL_ERROR',
    frame(TYPE.HEADERS, WHOLE, 2, BLOCK),
  ),
  endsConnection('5.1.1', 'answers DATA with an even identifier', 'PROTOCOL_ERROR', data(2, 'x')),
  endsConnection(
    '5.1.1',
    'answers RST_STREAM with an even identifier',
    'PROTOCOL_ERROR',
    frame(TYPE.HEADERS, WHOLE, 5, BLOCK),
    resetStream(2),
  ),
  endsConnection(
    '5.1.1',
    'answers an identifier below that of an earlier stream',
    'STREAM_CLOSED',
    frame(TYPE.HEADERS, WHOLE, 5, BLOCK),
    frame(TYPE.HEADERS, WHOLE, 3, BLOCK),
  ),
  answers(
    '5.1.1',
    'accepts identifiers with gaps',
    [1, 7, 101],
    ...[1, 7, 101].map((id) => frame(TYPE.HEADERS, WHOLE, id, BLOCK)),
  ),
  {
    section: '5.1.1',
    title: 'accepts the highest identifier',
    async run(client) {
      client.request(2 ** 31 - 1);
      await client.settled();
      expect(client.isAnswered(2 ** 31 - 1)).to.equal(true);
    },
  },
  {
    section: '5.1.2',
    title: 'announces the limit of concurrent streams, and refuses those beyond',
    options: { maxConcurrentStreams: 2 },
    async run(client, server) {
      for (const id of [1, 3, 5]) client.request(id, '/wait', id === 3 ? WHOLE : END_HEADERS);
      await client.settled();
      const { payload } = client.settings;
      expect(payload.subarray(0, 6)).to.deep.equal(Buffer.from([0, 3, 0, 0, 0, 2]));
      expect(client.resetOf(5)).to.equal(CODE.REFUSED_STREAM);
      expect(server.requests.has(5)).to.equal(false);
    },
  },
  {
    section: '5.1.2',
    title: 'takes a stream as soon as another one has ended',
    options: { maxConcurrentStreams: 1 },
    async run(client) {
      for (const id of [1, 3, 5]) client.request(id);
      client.request(7, '/wait');
      client.send(resetStream(7));
      client.request(9);
      await client.settled();
      expect([1, 3, 5, 9].every((id) => client.isAnswered(id))).to.equal(true);
      expect(client.of(TYPE.RST_STREAM)).to.deep.equal([]);
    },
  },
];

/** RFC 9113, sections 6.1 and 6.4. */
const dataAndReset: Case[] = [
  endsConnection('6.1', 'answers DATA of stream 0', 'PROTOCOL_ERROR', data(0, 'x')),
  endsConnection(
    '6.1',
    'answers DATA with as much padding as payload',
    'PROTOCOL_ERROR',
    openStream,
    frame(TYPE.DATA, PADDED, 1, Buffer.from([6]), Buffer.from('hello')),
  ),
  endsConnection(
    '6.1',
    'answers padded DATA without a pad length',
    'PROTOCOL_ERROR',
    openStream,
    frame(TYPE.DATA, PADDED, 1),
  ),
  {
    section: '6.1',
    title: 'strips padding of DATA, also if there is nothing else',
    async run(client, server) {
      client.send(
        frame(TYPE.HEADERS, END_HEADERS, 1, BLOCK),
        frame(TYPE.DATA, PADDED, 1, Buffer.from([3]), Buffer.from('hello'), Buffer.alloc(3)),
        frame(TYPE.DATA, PADDED, 1, Buffer.from([0]), Buffer.from('!')),
        frame(TYPE.DATA, PADDED | END_STREAM, 1, Buffer.from([255]), Buffer.alloc(255)),
      );
      await client.settled();
      expect(server.requests.get(1)!.body).to.equal('hello!');
      expect(client.isAnswered(1)).to.equal(true);
    },
  },
  endsConnection('6.4', 'answers RST_STREAM of stream 0', 'PROTOCOL_ERROR', resetStream(0)),
  endsConnection('6.4', 'answers RST_STREAM of an idle stream', 'PROTOCOL_ERROR', resetStream(3)),
  {
    section: '6.4',
    title: 'ends a stream by RST_STREAM with any code',
    async run(client, server) {
      client.send(openStream, resetStream(1, 0xdeadbeef));
      await client.settled();
      const { closed, stream } = server.requests.get(1)!;
      expect([closed, stream.resetCode]).to.deep.equal(['reset', 0xdeadbeef]);
    },
  },
  {
    section: '6.4',
    title: 'does not reset idle streams',
    async run(client) {
      client.send(frame(TYPE.PRIORITY, 0, 9, Buffer.alloc(4)));
      await client.closed();
      expect(client.of(TYPE.RST_STREAM)).to.deep.equal([]);
    },
  },
];

/** RFC 9113, section 8.1: where a response ends before its request does. */
const early: Case[] = [
  {
    section: '8.1',
    title: 'stops a request by RST_STREAM NO_ERROR after a response that did not wait for it',
    async run(client) {
      client.send(frame(TYPE.HEADERS, END_HEADERS, 1, requestBlock('/early')));
      await within(() => client.resetOf(1) !== undefined);
      const frames = client.frames.filter(({ streamId }) => streamId === 1);
      expect(frames.map(({ type }) => type)).to.deep.equal([1, 0, 1, 3]);
      expect(client.resetOf(1)).to.equal(CODE.NO_ERROR);
      client.send(data(1, 'x'), data(1, '', END_STREAM));
      await expectAlive(client);
    },
  },
  {
    section: '8.1',
    title: 'sends no RST_STREAM after a response to a whole request',
    async run(client) {
      client.request(1);
      client.request(3, '/bytes/100000');
      client.send(settings([4, 200_000]), windowUpdate(0, 100_000));
      await client.settled();
      expect(client.isAnswered(3)).to.equal(true);
      expect(client.of(TYPE.RST_STREAM)).to.deep.equal([]);
    },
  },
];

export const STREAM_CASES: readonly Case[] = [...states, ...identifiers, ...dataAndReset, ...early];
