import { linkSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Metadata, status } from '@grpc/grpc-js';
import { expect } from 'chai';
import { cutError } from '../../../client/transport/call-error.js';
import { connect } from '../../../client/index.js';
import { FoghornError } from '../../../protocol/errors.js';

describe('errors about a broker that cannot be reached', () => {
  let directory: string;
  const servers: Server[] = [];
  const sockets: Socket[] = [];

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'foghorn-client-'));
  });

  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
    for (const socket of sockets.splice(0)) socket.destroy();
    rmSync(directory, { recursive: true });
  });

  async function listen(where: string | number, onConnection: (socket: Socket) => void = () => {}) {
    const server = createServer(onConnection);
    servers.push(server);
    server.on('connection', (socket: Socket) => sockets.push(socket));
    server.listen(where);
    await once(server, 'listening');
    return server;
  }

  async function failure(address: string, timeout?: number): Promise<FoghornError> {
    const client = connect({ address });
    try {
      await client.publish({ topic: '/a' }, { timeout });
    } catch (error) {
      expect(error).to.be.instanceOf(FoghornError);
      return error as FoghornError;
    } finally {
      await client.close();
    }
    throw new Error('the call succeeded');
  }

  it('names a missing socket', async () => {
    const address = `unix://${directory}/none.sock`;
    const error = await failure(address);
    expect(error.code).to.equal('UNAVAILABLE');
    expect(error.message).to.equal(
      `cannot reach ${address}: is \`foghorn serve\` running? (no such socket)`,
    );
  });

  it('names a socket that a dead broker left behind', async () => {
    const server = await listen(join(directory, 'live.sock'));
    linkSync(join(directory, 'live.sock'), join(directory, 'stale.sock'));
    server.close();
    const error = await failure(`unix://${directory}/stale.sock`);
    expect(error.message).to.match(/is `foghorn serve` running\? \(connection refused\)$/);
  });

  it('names a host that does not exist', async () => {
    expect((await failure('no-such-host.invalid:1')).message).to.equal(
      'cannot reach no-such-host.invalid:1: no such host',
    );
  });

  it('reports a peer that speaks another protocol', async () => {
    const server = await listen(0, (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const { port } = server.address() as AddressInfo;
    expect((await failure(`127.0.0.1:${port}`)).message).to.match(
      /running\? \(.*[Pp]rotocol error/,
    );
  });

  it('times out on a peer that never answers', async () => {
    await listen(join(directory, 'hung.sock'));
    const error = await failure(`unix://${directory}/hung.sock`, 100);
    expect(error.code).to.equal('DEADLINE_EXCEEDED');
    expect(error.message).to.match(/running\? \(no answer to the attempt to connect\)$/);
  });

  it('is CANCELLED when the caller cancels, before or during the call', async () => {
    await listen(join(directory, 'hung.sock'));
    const client = connect({ address: `unix://${directory}/hung.sock` });
    const controller = new AbortController();
    const before = client.publish({ topic: '/a' }, { signal: AbortSignal.abort() });
    const meanwhile = client.publish({ topic: '/a' }, { signal: controller.signal });
    controller.abort();
    const codes = await Promise.all(
      [before, meanwhile].map((call) =>
        call.catch((error: unknown) => (error as FoghornError).code),
      ),
    );
    expect(codes).to.deep.equal(['CANCELLED', 'CANCELLED']);
    await client.close();
  });
});

describe('errors that end a call from the other side', () => {
  const peer = { address: 'unix:///b.sock', daemon: 'foghorn serve' };

  for (const [code, details, expected] of [
    [status.CANCELLED, 'Call cancelled', 'UNAVAILABLE'],
    [
      status.INTERNAL,
      'Received RST_STREAM with code 2 triggered by internal client error: write EPIPE',
      'UNAVAILABLE',
    ],
    [status.INTERNAL, 'a defect', 'INTERNAL'],
  ] as const) {
    it(`are ${expected} for ${status[code]}: ${details}`, () => {
      const error = Object.assign(new Error(), { code, details, metadata: new Metadata() });
      expect(cutError(error, peer).code).to.equal(expected);
    });
  }
});
