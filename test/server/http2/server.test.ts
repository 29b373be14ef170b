import { randomBytes } from 'node:crypto';
import type { ClientHttp2Session } from 'node:http2';
import { expect } from 'chai';
import type { Http2Stream, RequestListener } from '../../../server/http2/index.js';
import { eventually } from '../../support/eventually.js';
import { connectNode, request } from '../../support/http2/node-client.js';
import { answerEmpty, echo, OK, Silent, TRAILERS } from '../../support/http2/responders.js';
import { handle, RunningServer } from '../../support/http2/running-server.js';

describe('HTTP/2 server, with node:http2 as its client', () => {
  let server: RunningServer;
  let session: ClientHttp2Session;

  async function serve(listener: RequestListener): Promise<void> {
    server = await RunningServer.start(listener);
    session = connectNode(server.path);
  }

  afterEach(async () => {
    session.destroy();
    await server.stop();
  });

  it('answers with headers, data and trailers', async () => {
    await serve(echo);
    const answer = await request(session, {}, Buffer.from('hello'));
    expect(answer.status).to.equal(200);
    expect(answer.headers['content-type']).to.equal('application/grpc');
    expect(answer.body.toString()).to.equal('hello');
    expect(answer.trailers['grpc-status']).to.equal('0');
    expect(answer.resetCode).to.equal(0);
  });

  it('sends a fixed response in full at first and from a template later', async () => {
    await serve(answerEmpty);
    for (let i = 0; i < 5; i++) {
      const answer = await request(session, {}, Buffer.from('x'));
      expect(answer.status).to.equal(200);
      expect(answer.headers['content-type']).to.equal('application/grpc');
      expect(answer.body).to.deep.equal(Buffer.alloc(5));
      expect(answer.trailers['grpc-status']).to.equal('0');
    }
  });

  it('answers a thousand requests at once, each with its own body', async () => {
    await serve(echo);
    const bodies = Array.from({ length: 1000 }, (_, i) => Buffer.from(`body ${i}`));
    const answers = await Promise.all(bodies.map((body) => request(session, {}, body)));
    expect(answers.map(({ body }) => body.toString())).to.deep.equal(bodies.map(String));
  });

  it('carries 16 MiB both ways', async () => {
    await serve(echo);
    const body = randomBytes(16 * 1024 * 1024);
    const answer = await request(session, {}, body);
    expect(answer.body.equals(body)).to.equal(true);
  });

  it('delivers header fields as they came, and repeated lists as the same object', async () => {
    const streams: Http2Stream[] = [];
    await serve((stream) => {
      streams.push(stream);
      answerEmpty(stream);
    });
    const fields = { ':path': '/a/b', 'x-twice': ['1', '2'], 'x-one': 'caf\u00e9' };
    for (let i = 0; i < 4; i++) await request(session, fields);
    const [{ headers }] = streams as [Http2Stream];
    expect(headers.method).to.equal('POST');
    expect(headers.path).to.equal('/a/b');
    expect(headers.scheme).to.equal('http');
    expect(headers.authority).to.equal('localhost:80');
    expect(headers.getAll('x-twice')).to.deep.equal(['1', '2']);
    expect(headers.get('x-one')).to.equal('caf\u00e9');
    expect(headers.get('x-none')).to.equal(undefined);
    expect(streams[3]!.headers).to.equal(streams[2]!.headers);
  });

  it('delivers trailers of a request', async () => {
    await serve((stream) => {
      handle(stream, {
        onEnd: (trailers) => {
          stream.sendHeaders(OK);
          stream.sendData(Buffer.from(trailers?.get('x-end') ?? 'none'));
          stream.end();
        },
      });
    });
    const answer = await request(session, {}, Buffer.from('x'), { 'x-end': 'yes' });
    expect(answer.body.toString()).to.equal('yes');
    expect((await request(session, {}, Buffer.from('x'))).body.toString()).to.equal('none');
  });

  it('ends a response without data or trailers in its headers', async () => {
    await serve((stream) => {
      stream.sendHeaders(OK, true);
    });
    const answer = await request(session, {});
    expect(answer.status).to.equal(200);
    expect(answer.body.length).to.equal(0);
  });

  it('closes each stream once, with the reason', async () => {
    const silent = new Silent();
    await serve(silent.listener);
    const streams = [1, 2, 3, 4].map(() => session.request({ ':method': 'POST' }));
    for (const stream of streams) stream.on('error', () => {});
    await eventually(() => silent.streams.length === 4);
    streams[0]!.close(8);
    silent.streams[1]!.reset(7);
    streams[2]!.end();
    silent.streams[2]!.sendHeaders(OK);
    silent.streams[2]!.sendTrailers(TRAILERS);
    await eventually(() => silent.closed.length === 3);
    session.destroy();
    await eventually(() => silent.closed.length >= 4);
    expect(silent.closed).to.have.deep.members([
      [1, 'reset'],
      [3, 'aborted'],
      [5, 'complete'],
      [7, 'lost'],
    ]);
    expect(silent.streams[0]!.resetCode).to.equal(8);
    expect(streams[1]!.rstCode).to.equal(7);
  });

  it('stops a client whose data is not consumed, and no other stream', async () => {
    let received = 0;
    let slow: Http2Stream | undefined;
    await serve((stream) => {
      if (stream.headers.path === '/other') {
        echo(stream);
        return;
      }
      slow = stream;
      handle(stream, {
        onData: (bytes) => {
          received += bytes.length;
        },
      });
    });
    const stream = session.request({ ':method': 'POST', ':path': '/slow' });
    stream.on('error', () => {});
    stream.write(Buffer.alloc(200_000));
    await eventually(() => received === 65_535);
    const other = await request(session, { ':path': '/other' }, Buffer.alloc(300_000));
    expect(other.body.length).to.equal(300_000);
    expect(received).to.equal(65_535);
    slow!.consume(40_000);
    await eventually(() => received === 105_535);
  });

  it('says when a slow client has taken what was sent', async () => {
    let drained = 0;
    let stream: Http2Stream | undefined;
    await serve((opened) => {
      stream = opened;
      handle(opened, {
        onEnd: () => {
          opened.sendHeaders(OK);
          while (opened.sendData(Buffer.alloc(10_000)));
        },
        onDrain: () => {
          drained += 1;
        },
      });
    });
    const client = session.request({ ':method': 'GET' });
    await eventually(() => stream?.full === true);
    expect(stream!.unsentBytes).to.be.within(150_000, 270_000);
    client.resume();
    await eventually(() => drained === 1);
    expect(stream!.full).to.equal(false);
    client.close();
  });

  it('drains: answers what is open, refuses what is new, and closes', async () => {
    const silent = new Silent();
    await serve(silent.listener);
    const open = request(session, {}, Buffer.from('x'));
    await eventually(() => silent.streams.length === 1);
    const drained = server.http2.drain();
    await new Promise((resolve) => session.once('goaway', resolve));
    expect(server.http2.connections.size).to.equal(1);
    silent.streams[0]!.sendHeaders(OK);
    silent.streams[0]!.sendTrailers(TRAILERS);
    expect((await open).status).to.equal(200);
    await drained;
    expect(server.http2.connections.size).to.equal(0);
    expect(silent.closed).to.deep.equal([[1, 'complete']]);
  });
});
