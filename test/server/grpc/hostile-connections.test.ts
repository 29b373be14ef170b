import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { Entry } from '../../../protos/gen/foghorn/v1/history.js';
import { exitEnvelope, numberOf } from '../../support/envelopes.js';
import { forwardAll, range } from '../../support/history-seed.js';
import { frame, openSocket, RawConnection } from '../../support/raw-http2.js';
import { TestServer } from '../../support/test-server.js';

const FORWARD = '/containerd.services.events.v1.Events/Forward';
const SUBSCRIBE = '/containerd.services.events.v1.Events/Subscribe';
const DRAIN_MS = 1000;
const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

/** Bytes that are not a valid start of HTTP/2. */
const GARBAGE: Readonly<Record<string, Buffer>> = {
  noise: randomBytes(4096),
  zeros: Buffer.alloc(10_000),
  'a preface and noise': Buffer.concat([Buffer.from(PREFACE), randomBytes(4096)]),
  'half a preface': Buffer.from(PREFACE.slice(0, 12)),
  'a frame that claims 16 MiB': Buffer.concat([
    Buffer.from(PREFACE),
    Buffer.from('ffffff000000000001', 'hex'),
  ]),
  'an HTTP/1 request': Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
  'a TLS hello': Buffer.from('16030100c8010000c40303', 'hex'),
};

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) =>
    socket.once('close', () => {
      resolve();
    }),
  );
}

describe('a hostile connection', () => {
  for (const transport of ['unix', 'TCP'] as const) {
    describe(`over ${transport}`, () => {
      let server: TestServer;

      beforeEach(async () => {
        const options = transport === 'TCP' ? { grpc: ['127.0.0.1:0'] } : {};
        server = await TestServer.start(options, { drainMs: DRAIN_MS });
      });
      afterEach(() => server.stop());

      /** Checks that a publisher and a subscriber work during and after a disturbance. */
      async function expectUndisturbed(meanwhile: () => Promise<void>): Promise<void> {
        const client = server.client();
        const bystander = server.client().subscribe();
        await bystander.headers;
        await forwardAll(
          client,
          range(1, 20).map((n) => exitEnvelope(n)),
        );
        await Promise.all([
          meanwhile(),
          forwardAll(
            client,
            range(21, 600).map((n) => exitEnvelope(n)),
          ),
        ]);
        await forwardAll(
          client,
          range(601, 620).map((n) => exitEnvelope(n)),
        );
        const events = await bystander.when(({ length }) => length >= 620);
        const numbers = events.map((bytes) => numberOf(Entry.decode(bytes)));
        expect(numbers).to.deep.equal(range(1, 620));
        bystander.cancel();
      }

      async function open(): Promise<Socket> {
        const socket = openSocket(server.address);
        try {
          await once(socket, 'connect');
        } catch (error) {
          // The system's short queue of connections fills faster than this process empties it.
          if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
          await delay(5);
          return open();
        }
        socket.on('error', () => {});
        return socket;
      }

      it('that sends garbage does not disturb others', () =>
        expectUndisturbed(async () => {
          const sockets = await Promise.all(Object.values(GARBAGE).map(() => open()));
          Object.values(GARBAGE).forEach((bytes, at) => sockets[at]!.write(bytes));
          await server.client().describe();
          for (const socket of sockets) socket.destroy();
        }));

      it('that sends invalid HTTP/2 is closed', async () => {
        for (const name of ['noise', 'zeros', 'an HTTP/1 request', 'a TLS hello']) {
          const socket = await open();
          socket.resume();
          socket.write(GARBAGE[name]!);
          await closed(socket);
        }
      });

      it('among a thousand silent ones does not disturb others or a drain', async () => {
        const sockets: Socket[] = [];
        await expectUndisturbed(async () => {
          for (let i = 0; i < 20; i++) {
            sockets.push(...(await Promise.all(Array.from({ length: 50 }, open))));
          }
        });
        const began = Date.now();
        const cut = sockets.map((socket) => closed(socket.resume()));
        await server.stop();
        await Promise.all(cut);
        // Silent connections may still begin to speak, so they get the full time.
        expect(Date.now() - began).to.be.below(DRAIN_MS + 20_000);
      });

      it('that is lost within a request or a response does not disturb others', () =>
        expectUndisturbed(async () => {
          for (let i = 0; i < 20; i++) {
            const connection = new RawConnection(server.address);
            const half = connection.open(FORWARD);
            half.write(frame(Buffer.alloc(100)).subarray(0, 50));
            const stream = connection.call(SUBSCRIBE, new Uint8Array());
            await once(stream, 'response');
            connection.kill();
          }
        }));

      it('that sends less than it announced is answered and stays usable', async () => {
        const connection = new RawConnection(server.address);
        const stream = connection.open(FORWARD);
        stream.end(frame(Buffer.alloc(100)).subarray(0, 50));
        const [headers] = (await once(stream.resume(), 'response')) as [Record<string, string>];
        expect(Number(headers['grpc-status'])).to.be.above(0);
        const next = connection.call(SUBSCRIBE, new Uint8Array());
        const [{ ':status': status }] = (await once(next, 'response')) as [{ ':status': number }];
        expect(status).to.equal(200);
        connection.kill();
      });
    });
  }

  it('of an HTTP/1 client gets an error instead of silence', async () => {
    const server = await TestServer.start();
    const call = request({ socketPath: server.socketPath, path: '/' });
    call.end();
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    expect(response.statusCode).to.equal(400);
    expect(await text(response)).to.contain('HTTP/2');
    await server.stop();
  });
});
