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
  settings,
  TYPE,
  uint32,
  windowUpdate,
  WHOLE,
} from '../../../support/http2/frames.js';
import { requestBlock } from '../../../support/http2/hpack.js';
import { answers, CODE, endsConnection, endsStream, expectAlive, type Case } from './case.js';

const INITIAL_WINDOW_SIZE = 4;
const MAX_WINDOW = 2 ** 31 - 1;
const openStream = frame(TYPE.HEADERS, END_HEADERS, 1, requestBlock('/wait'));
const unread = frame(TYPE.HEADERS, END_HEADERS, 1, requestBlock('/unread'));

function withSettings(
  ...pairs: readonly (readonly [number, number])[]
): (path: string) => Promise<FrameClient> {
  return (path) => FrameClient.open(path, settings(...pairs));
}

/** RFC 9113, section 6.5. */
const settingsCases: Case[] = [
  {
    section: '6.5.3',
    title: 'acknowledges each SETTINGS frame',
    async run(client) {
      client.send(settings(), settings([3, 7]));
      await client.settled();
      const acknowledged = client.of(TYPE.SETTINGS).filter(({ flags }) => flags === ACK);
      expect(acknowledged.map(({ payload }) => payload.length)).to.deep.equal([0, 0, 0]);
    },
  },
  {
    section: '6.5.3',
    title: 'does not acknowledge an acknowledgement',
    async run(client) {
      client.send(frame(TYPE.SETTINGS, ACK, 0));
      await client.settled();
      expect(client.of(TYPE.SETTINGS).filter(({ flags }) => flags === ACK).length).to.equal(1);
    },
  },
  {
    section: '6.5.3',
    title: 'applies values in order, so that the last one counts',
    connects: withSettings([INITIAL_WINDOW_SIZE, 100], [INITIAL_WINDOW_SIZE, 3]),
    async run(client) {
      client.request(1, '/bytes/10');
      await client.settled();
      expect(client.dataOf(1).length).to.equal(3);
    },
  },
  {
    section: '6.5.3',
    title: 'ends the connection when SETTINGS are not acknowledged, with SETTINGS_TIMEOUT',
    options: { settingsTimeout: 50 },
    async run(client) {
      await client.closed();
      expect(client.goAways[0]!.code).to.equal(CODE.SETTINGS_TIMEOUT);
    },
  },
  {
    section: '6.5.3',
    title: 'keeps a connection whose SETTINGS are acknowledged',
    options: { settingsTimeout: 50 },
    async run(client) {
      client.send(frame(TYPE.SETTINGS, ACK, 0));
      await new Promise((resolve) => setTimeout(resolve, 200));
      await expectAlive(client);
    },
  },
  ...(
    [
      ['an acknowledgement with a payload', 'FRAME_SIZE_ERROR', frame(4, ACK, 0, Buffer.alloc(6))],
      ['SETTINGS of a stream', 'PROTOCOL_ERROR', frame(4, 0, 1)],
      ['SETTINGS of 7 bytes', 'FRAME_SIZE_ERROR', frame(4, 0, 0, Buffer.alloc(7))],
    ] as const
  ).map(([what, code, bytes]) => endsConnection('6.5', `answers ${what}`, code, bytes)),
  ...(
    [
      ['ENABLE_PUSH of 2', 'PROTOCOL_ERROR', [2, 2]],
      ['INITIAL_WINDOW_SIZE above 2^31-1', 'FLOW_CONTROL_ERROR', [4, 2 ** 31]],
      ['MAX_FRAME_SIZE below 16,384', 'PROTOCOL_ERROR', [5, 16_383]],
      ['MAX_FRAME_SIZE above 2^24-1', 'PROTOCOL_ERROR', [5, 2 ** 24]],
    ] as const
  ).map(([what, code, pair]) => endsConnection('6.5.2', `answers ${what}`, code, settings(pair))),
  answers(
    '6.5.2',
    'accepts the extreme values of each setting',
    [],
    settings([1, 0], [2, 0], [2, 1], [3, 0], [4, 0], [5, 16_384], [6, 0]),
    settings(
      [1, 2 ** 32 - 1],
      [3, 2 ** 32 - 1],
      [4, MAX_WINDOW],
      [5, 2 ** 24 - 1],
      [6, 2 ** 32 - 1],
    ),
  ),
  {
    section: '6.5.2',
    title: 'sends no frame above 16,384 bytes, whatever the client allows',
    connects: withSettings([5, 2 ** 24 - 1], [INITIAL_WINDOW_SIZE, 100_000]),
    async run(client) {
      client.request(1, '/bytes/60000');
      await client.settled();
      expect(client.dataOf(1).length).to.equal(60_000);
      const longest = Math.max(...client.frames.map(({ payload }) => payload.length));
      expect(longest).to.equal(16_384);
    },
  },
  {
    section: '6.5.2',
    title: 'sends no header list above the one that the client accepts',
    connects: withSettings([6, 1000]),
    async run(client) {
      client.request(1, '/headers/2000');
      client.request(3, '/headers/500');
      await client.settled();
      expect(client.resetOf(1)).to.equal(CODE.INTERNAL_ERROR);
      expect(client.isAnswered(3)).to.equal(true);
    },
  },
];

/** RFC 9113, sections 5.2 and 6.9.1: what the client sends. */
const receiving: Case[] = [
  endsStream(
    '6.9.1',
    'answers more data than its stream window allows',
    1,
    'FLOW_CONTROL_ERROR',
    unread,
    ...Array.from({ length: 3 }, () => data(1, Buffer.alloc(16_384))),
    data(1, Buffer.alloc(16_383)),
    data(1, 'x'),
  ),
  endsStream(
    '6.9.1',
    'counts padding against the stream window',
    1,
    'FLOW_CONTROL_ERROR',
    unread,
    ...Array.from({ length: 4 }, () => data(1, Buffer.alloc(16_000))),
    frame(TYPE.DATA, PADDED, 1, Buffer.from([255]), Buffer.alloc(1300), Buffer.alloc(255)),
  ),
  {
    section: '6.9.1',
    title: 'answers more data than its connection window allows, with FLOW_CONTROL_ERROR',
    options: { connectionWindowSize: 65_535 },
    async run(client) {
      // A frame of another stream does not reach the half at which the window is widened.
      client.send(unread, frame(TYPE.HEADERS, END_HEADERS, 3, requestBlock('/unread')));
      for (let i = 0; i < 8; i++) client.send(data(i < 4 ? 1 : 3, Buffer.alloc(16_384 - 1)));
      await client.settled();
      const granted = client
        .of(TYPE.WINDOW_UPDATE, 0)
        .reduce((sum, { payload }) => sum + payload.readUInt32BE(), 65_535);
      expect(granted).to.be.at.least(8 * 16_383);
    },
  },
  {
    section: '5.2.1',
    title: 'announces a connection window of its own, and widens it as data arrives',
    async run(client) {
      client.send(frame(TYPE.HEADERS, END_HEADERS, 1, requestBlock('/wait')));
      for (let i = 0; i < 100; i++) {
        client.send(data(1, Buffer.alloc(16_384)));
        await client.settled();
      }
      const updates = client.of(TYPE.WINDOW_UPDATE, 0).map(({ payload }) => payload.readUInt32BE());
      expect(updates[0]).to.equal(1024 * 1024 - 65_535);
      expect(updates.length).to.equal(4);
    },
  },
  {
    section: '6.9',
    title: 'widens a stream window only by what its handler has consumed',
    async run(client, server) {
      client.send(unread, ...Array.from({ length: 3 }, () => data(1, Buffer.alloc(16_384))));
      await client.settled();
      expect(client.of(TYPE.WINDOW_UPDATE, 1)).to.deep.equal([]);
      server.requests.get(1)!.stream.consume(40_000);
      await client.settled();
      const [update] = client.of(TYPE.WINDOW_UPDATE, 1);
      expect(update!.payload.readUInt32BE()).to.equal(40_000);
    },
  },
  {
    section: '6.9',
    title: 'gives padding back by itself',
    async run(client) {
      client.send(unread);
      for (let i = 0; i < 150; i++) {
        client.send(frame(TYPE.DATA, PADDED, 1, Buffer.from([255]), Buffer.alloc(255)));
      }
      await client.settled();
      const [update] = client.of(TYPE.WINDOW_UPDATE, 1);
      expect(update!.payload.readUInt32BE()).to.be.at.least(32_768);
    },
  },
];

/** RFC 9113, section 6.9: WINDOW_UPDATE. */
const windowUpdates: Case[] = [
  endsStream(
    '6.9',
    'answers WINDOW_UPDATE by 0 of a stream',
    1,
    'PROTOCOL_ERROR',
    openStream,
    windowUpdate(1, 0),
  ),
  endsConnection(
    '6.9',
    'answers WINDOW_UPDATE by 0 of the connection',
    'PROTOCOL_ERROR',
    windowUpdate(0, 0),
  ),
  endsConnection('6.9', 'answers WINDOW_UPDATE of 0 bytes', 'FRAME_SIZE_ERROR', frame(8, 0, 0)),
  endsStream(
    '6.9.1',
    'answers a stream window above 2^31-1',
    1,
    'FLOW_CONTROL_ERROR',
    openStream,
    windowUpdate(1, MAX_WINDOW),
  ),
  endsConnection(
    '6.9.1',
    'answers a connection window above 2^31-1',
    'FLOW_CONTROL_ERROR',
    windowUpdate(0, MAX_WINDOW),
  ),
  answers(
    '6.9',
    'accepts windows of exactly 2^31-1, and ignores the reserved bit',
    [],
    openStream,
    frame(TYPE.WINDOW_UPDATE, 0, 1, uint32(2 ** 32 - 65_536)),
    frame(TYPE.WINDOW_UPDATE, 0, 0, uint32(2 ** 32 - 65_536)),
  ),
];

/** RFC 9113, sections 6.9.1 and 6.9.2: what the server sends. */
const sending: Case[] = [
  {
    section: '6.9.1',
    title: 'sends as much as a stream window allows, and the rest when it is widened',
    connects: withSettings([INITIAL_WINDOW_SIZE, 1]),
    async run(client) {
      client.request(1, '/bytes/5');
      await client.settled();
      expect(client.dataOf(1).length).to.equal(1);
      client.send(windowUpdate(1, 3));
      await client.settled();
      expect(client.dataOf(1).length).to.equal(4);
      expect(client.isAnswered(1)).to.equal(false);
      client.send(windowUpdate(1, 1));
      await client.settled();
      expect(client.dataOf(1).length).to.equal(5);
      expect(client.isAnswered(1)).to.equal(true);
    },
  },
  {
    section: '6.9.1',
    title: 'sends as much as the connection window allows, shared by all streams',
    connects: withSettings([INITIAL_WINDOW_SIZE, 1_000_000]),
    async run(client) {
      client.request(1, '/bytes/50000');
      client.request(3, '/bytes/50000');
      await client.settled();
      expect(client.dataOf(1).length + client.dataOf(3).length).to.equal(65_535);
      expect(Math.min(client.dataOf(1).length, client.dataOf(3).length)).to.be.greaterThan(16_000);
      client.send(windowUpdate(0, 34_465));
      await client.settled();
      expect(client.isAnswered(1) && client.isAnswered(3)).to.equal(true);
    },
  },
  {
    section: '6.9.1',
    title: 'sends headers, trailers and empty data without any window',
    connects: withSettings([INITIAL_WINDOW_SIZE, 0]),
    async run(client) {
      client.request(1, '/headers/10');
      client.request(3, '/end');
      await client.settled();
      expect(client.isAnswered(1) && client.isAnswered(3)).to.equal(true);
    },
  },
  {
    section: '6.9.1',
    title: 'holds a fixed response back until the window has space for its data',
    connects: withSettings([INITIAL_WINDOW_SIZE, 0]),
    async run(client) {
      client.request(1);
      await client.settled();
      expect(client.of(TYPE.DATA)).to.deep.equal([]);
      client.send(windowUpdate(1, 5));
      await client.settled();
      expect(client.isAnswered(1)).to.equal(true);
    },
  },
  {
    section: '6.9.1',
    title: 'lets a closed window of one stream stop no other',
    connects: withSettings([INITIAL_WINDOW_SIZE, 10]),
    async run(client) {
      client.request(1, '/bytes/100');
      client.request(3, '/bytes/10');
      await client.settled();
      expect(client.isAnswered(1)).to.equal(false);
      expect(client.isAnswered(3)).to.equal(true);
    },
  },
  {
    section: '6.9.2',
    title: 'applies a new INITIAL_WINDOW_SIZE to open streams',
    connects: withSettings([INITIAL_WINDOW_SIZE, 3]),
    async run(client) {
      client.request(1, '/bytes/10');
      await client.settled();
      client.send(settings([INITIAL_WINDOW_SIZE, 8]));
      await client.settled();
      expect(client.dataOf(1).length).to.equal(8);
    },
  },
  {
    section: '6.9.2',
    title: 'lets a window become negative, and waits until it is positive',
    connects: withSettings([INITIAL_WINDOW_SIZE, 10]),
    async run(client) {
      client.request(1, '/bytes/20');
      await client.settled();
      client.send(settings([INITIAL_WINDOW_SIZE, 2]), windowUpdate(1, 8));
      await client.settled();
      expect(client.dataOf(1).length).to.equal(10);
      client.send(windowUpdate(1, 1));
      await client.settled();
      expect(client.dataOf(1).length).to.equal(11);
    },
  },
  endsConnection(
    '6.9.2',
    'answers INITIAL_WINDOW_SIZE by which a stream window exceeds 2^31-1',
    'FLOW_CONTROL_ERROR',
    openStream,
    windowUpdate(1, 1_000_000),
    settings([INITIAL_WINDOW_SIZE, MAX_WINDOW]),
  ),
  {
    section: '6.9.2',
    title: 'does not change the connection window by INITIAL_WINDOW_SIZE',
    connects: withSettings([INITIAL_WINDOW_SIZE, 1_000_000]),
    async run(client) {
      client.request(1, '/bytes/100000');
      await client.settled();
      expect(client.dataOf(1).length).to.equal(65_535);
    },
  },
  {
    section: '6.9.2',
    title: 'sends responses that were ready before it acknowledges a smaller window',
    async run(client) {
      client.send(
        frame(TYPE.HEADERS, WHOLE, 1, requestBlock()),
        settings([INITIAL_WINDOW_SIZE, 0]),
        frame(TYPE.HEADERS, WHOLE, 3, requestBlock()),
        ping(),
      );
      await client.settled();
      const acknowledgements = client.frames
        .map(({ type, flags }, index) => (type === TYPE.SETTINGS && flags === ACK ? index : -1))
        .filter((index) => index >= 0);
      const answer = client.frames.findIndex(({ type, streamId }) => type === 0 && streamId === 1);
      expect(answer).to.be.within(0, acknowledgements[1]!);
      expect(client.of(TYPE.DATA, 3)).to.deep.equal([]);
    },
  },
  {
    section: '5.2',
    title: 'lets streams take turns on a connection that is full',
    connects: withSettings([INITIAL_WINDOW_SIZE, 1_000_000]),
    async run(client) {
      client.send(windowUpdate(0, 1_000_000));
      client.request(1, '/bytes/200000');
      client.request(3, '/bytes/10');
      await within(() => client.isAnswered(1) && client.isAnswered(3));
      const ended = client.frames
        .filter(({ flags, type }) => (type === 0 || type === 1) && (flags & END_STREAM) !== 0)
        .map(({ streamId }) => streamId);
      expect(ended).to.deep.equal([3, 1]);
    },
  },
];

export const FLOW_CASES: readonly Case[] = [
  ...settingsCases,
  ...receiving,
  ...windowUpdates,
  ...sending,
];
