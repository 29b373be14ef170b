import { expect } from 'chai';
import type { Http2Options, RequestListener } from '../../../server/http2/index.js';
import { FrameClient, within } from '../../support/http2/frame-client.js';
import {
  ACK,
  data,
  END_HEADERS,
  END_STREAM,
  frame,
  ping,
  PREFACE,
  priority,
  resetStream,
  settings,
  TYPE,
  windowUpdate,
} from '../../support/http2/frames.js';
import { literal, requestBlock } from '../../support/http2/hpack.js';
import { answerEmpty } from '../../support/http2/responders.js';
import { handle, RunningServer } from '../../support/http2/running-server.js';

const ENHANCE_YOUR_CALM = 11;
const WHOLE = END_HEADERS | END_STREAM;
const MIB = 1024 * 1024;

/** Takes bodies of any length, keeps them as an application does that needs all of a message. */
const keepBodies: RequestListener = (stream) => {
  handle(stream, {
    onData: (bytes) => {
      stream.keep(bytes.length);
    },
  });
};

interface Attack {
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

const FLOODS: readonly Attack[] = [
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

describe('HTTP/2 server under attack', () => {
  let server: RunningServer;
  let attacker: FrameClient;
  let bystander: FrameClient;

  async function serve(listener: RequestListener, options?: Partial<Http2Options>): Promise<void> {
    server = await RunningServer.start(listener, options);
    attacker = await FrameClient.open(server.path);
    bystander = await FrameClient.open(server.path);
    await Promise.all([attacker.settled(), bystander.settled()]);
  }

  afterEach(async () => {
    attacker.close();
    bystander.close();
    await server.stop();
  });

  for (const attack of FLOODS) {
    it(`cuts a client that sends ${attack.name}`, async () => {
      const { begin = [], round, rounds, listener = answerEmpty, options } = attack;
      await serve(listener, options);
      attacker.send(...begin);
      let sent = 0;
      while (sent < rounds && !attacker.isClosed) {
        const batch = Array.from({ length: 20 }, (_, i) => round(2 * (sent + i) + 11)).flat();
        attacker.send(...batch);
        sent += 20;
        await new Promise(setImmediate);
      }
      await attacker.closed();
      expect(attacker.goAways.map(({ code }) => code)).to.deep.equal([ENHANCE_YOUR_CALM]);
      await within(() => server.http2.connections.size === 1);
      await bystander.settled();
      expect(bystander.isClosed).to.equal(false);
    });
  }

  it('allows resets and pings at the rate of honest clients for ever', async () => {
    await serve(answerEmpty, { resetBurst: 5, uselessFrameBurst: 5 });
    for (let i = 0; i < 20; i++) {
      await new Promise((resolve) => setTimeout(resolve, 40));
      attacker.send(frame(TYPE.HEADERS, END_HEADERS, 2 * i + 1, requestBlock()));
      attacker.send(resetStream(2 * i + 1), ping());
    }
    expect(attacker.isClosed).to.equal(false);
  });

  it('allows a PING for each answer with data, as clients send that measure their bandwidth', async () => {
    await serve(answerEmpty, { uselessFrameBurst: 5, uselessFramesPerSecond: 0 });
    for (let i = 0; i < 50; i++) {
      attacker.request(2 * i + 1);
      await within(() => attacker.of(TYPE.DATA).length > i);
      attacker.send(ping());
    }
    await attacker.settled();
    expect(attacker.isClosed).to.equal(false);
  });

  it('does not charge the reset of a stream that was open for a while', async () => {
    await serve(keepBodies, { resetBurst: 3, resetsPerSecond: 0, keepaliveTime: 100 });
    const ids = Array.from({ length: 20 }, (_, i) => 2 * i + 1);
    for (const id of ids) attacker.request(id, '/', END_HEADERS);
    await new Promise((resolve) => setTimeout(resolve, 1200));
    attacker.send(...ids.map((id) => resetStream(id)));
    await attacker.settled();
    expect(attacker.isClosed).to.equal(false);
  });

  it('stops reading from a client that does not read its answers', async () => {
    await serve(answerEmpty);
    attacker.send(windowUpdate(0, 2 ** 30));
    attacker.socket.pause();
    let id = 1;
    const flood = setInterval(() => {
      if (attacker.socket.writableLength > MIB) return;
      for (let i = 0; i < 500; i++, id += 2) attacker.request(id);
    }, 1);
    await within(() => attacker.socket.writableLength > MIB);
    clearInterval(flood);
    const [socket] = server.sockets;
    await within(() => socket!.isPaused());
    expect(socket!.writableLength).to.be.lessThan(MIB);
    await bystander.settled();
    attacker.socket.resume();
    await within(() => attacker.isAnswered(id - 2));
  });

  it('limits bytes of unfinished requests on one connection', async () => {
    await serve(keepBodies, { maxHeldBytes: MIB });
    for (let i = 0; i < 8; i++) attacker.request(2 * i + 1, '/', END_HEADERS);
    for (let round = 0; round < 40; round++) {
      for (let i = 0; i < 8; i++) attacker.send(data(2 * i + 1, Buffer.alloc(4000)));
      await attacker.settled();
    }
    const codes = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => attacker.resetOf(2 * i + 1));
    expect(codes).to.include(ENHANCE_YOUR_CALM);
    expect(codes).to.include(undefined);
    expect(attacker.isClosed).to.equal(false);
  });

  it('limits bytes of unfinished requests on all connections together', async () => {
    await serve(keepBodies, { maxHeldBytesOfServer: 100_000 });
    for (const client of [attacker, bystander]) {
      client.request(1, '/', END_HEADERS);
      client.send(...Array.from({ length: 3 }, () => data(1, Buffer.alloc(16_384))));
      await client.settled();
    }
    bystander.send(data(1, Buffer.alloc(10_000)));
    await bystander.settled();
    expect(bystander.resetOf(1)).to.equal(ENHANCE_YOUR_CALM);
    expect(attacker.resetOf(1)).to.equal(undefined);
    attacker.close();
    await within(() => server.http2.connections.size === 1);
    bystander.request(3, '/', END_HEADERS);
    bystander.send(...Array.from({ length: 3 }, () => data(3, Buffer.alloc(16_384))));
    await bystander.settled();
    expect(bystander.resetOf(3)).to.equal(undefined);
  });

  it('limits the fields of a request', async () => {
    await serve(answerEmpty, { maxHeaderFields: 10 });
    const fields = Array.from({ length: 7 }, () => literal('a', 'b'));
    attacker.send(frame(TYPE.HEADERS, WHOLE, 1, requestBlock(), ...fields));
    attacker.send(frame(TYPE.HEADERS, WHOLE, 3, requestBlock(), ...fields.slice(1)));
    await attacker.settled();
    expect(attacker.resetOf(1)).to.equal(ENHANCE_YOUR_CALM);
    expect(attacker.isAnswered(3)).to.equal(true);
  });

  it('cuts a client that does not begin in time', async () => {
    await serve(answerEmpty, { prefaceTimeout: 40 });
    const [mute, slow, waiting] = await Promise.all(
      [1, 2, 3].map(() => FrameClient.connect(server.path)),
    );
    slow!.send(PREFACE.subarray(0, 10));
    waiting!.send(PREFACE);
    await Promise.all([mute!.closed(), slow!.closed(), waiting!.closed()]);
    await bystander.settled();
    expect(bystander.isClosed).to.equal(false);
  });

  it('cuts a client that drips a frame or a header block', async () => {
    await serve(answerEmpty, { frameTimeout: 40 });
    attacker.send(frame(TYPE.HEADERS, 0, 1, requestBlock()));
    const dripping = await FrameClient.open(server.path);
    const drip = setInterval(() => {
      dripping.send(Buffer.from([0]));
    }, 5);
    await Promise.all([attacker.closed(), dripping.closed()]);
    clearInterval(drip);
    await bystander.settled();
    expect(bystander.isClosed).to.equal(false);
  });

  it('ends a request whose message does not become complete in time', async () => {
    await serve(keepBodies, { messageTimeout: 40 });
    attacker.request(1, '/', END_HEADERS);
    attacker.send(data(1, 'begin'));
    const drip = setInterval(() => {
      attacker.send(data(1, 'dripping'));
    }, 10);
    await within(() => attacker.resetOf(1) === ENHANCE_YOUR_CALM);
    clearInterval(drip);
    expect(attacker.isClosed).to.equal(false);
  });

  it('ends a response that a client does not take, and none that goes on', async () => {
    await serve(
      (stream) => {
        stream.sendData(Buffer.from('12345'));
        if (stream.headers.path === '/ended') stream.end();
      },
      { unsentResponseTimeout: 40 },
    );
    attacker.send(settings([4, 0]));
    attacker.request(1, '/ended');
    attacker.request(3, '/open');
    await within(() => attacker.resetOf(1) === ENHANCE_YOUR_CALM);
    expect(attacker.resetOf(3)).to.equal(undefined);
  });

  it('pings a silent client, and cuts one that does not answer', async () => {
    await serve(answerEmpty, { keepaliveTime: 50, keepaliveTimeout: 100 });
    const before = attacker.of(TYPE.PING).length;
    await within(() => attacker.of(TYPE.PING).length > before);
    const { payload } = attacker.of(TYPE.PING).at(-1)!;
    attacker.send(ping(payload, ACK));
    await bystander.closed();
    expect(bystander.goAways).to.deep.equal([]);
  });

  it('takes 2,000 connections that say nothing, and answers beside them', async () => {
    await serve(answerEmpty);
    const idle = await Promise.all(
      Array.from({ length: 2000 }, () => FrameClient.connect(server.path)),
    );
    bystander.request(1);
    await within(() => bystander.isAnswered(1));
    for (const client of idle) client.close();
    await within(() => server.http2.connections.size === 2);
  });

  it('closes the file descriptor of a broken connection although its client reads nothing', async () => {
    await serve(answerEmpty);
    attacker.socket.pause();
    const [socket] = server.sockets;
    attacker.send(windowUpdate(0, 0));
    await within(() => socket!.destroyed);
    await within(() => server.http2.connections.size === 1);
  });
});
