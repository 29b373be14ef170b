import { expect } from 'chai';
import type { Http2Options, RequestListener } from '../../../server/http2/index.js';
import { FLOODS } from '../../support/http2/floods.js';
import { FrameClient, within } from '../../support/http2/frame-client.js';
import {
  ACK,
  data,
  END_HEADERS,
  frame,
  ping,
  PREFACE,
  resetStream,
  settings,
  TYPE,
  windowUpdate,
  WHOLE,
} from '../../support/http2/frames.js';
import { literal, requestBlock } from '../../support/http2/hpack.js';
import { answerEmpty } from '../../support/http2/responders.js';
import { handle, RunningServer } from '../../support/http2/running-server.js';

const ENHANCE_YOUR_CALM = 11;
const MIB = 1024 * 1024;

/** Takes bodies of any length, keeps them as an application does that needs all of a message. */
const keepBodies: RequestListener = (stream) => {
  handle(stream, {
    onData: (bytes) => {
      stream.keep(bytes.length);
    },
  });
};

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
