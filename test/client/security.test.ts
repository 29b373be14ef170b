import { Metadata } from '@grpc/grpc-js';
import { expect } from 'chai';
import { copyFileSync, rmSync } from 'node:fs';
import { connect, events, pack, type Client, type ClientSecurity } from '../../client/index.js';
import { Connection } from '../../client/transport/connection.js';
import { unaryCall } from '../../client/transport/unary-call.js';
import type { DescribeResponse } from '../../protos/gen/foghorn/v1/history.js';
import { Authority } from '../support/access/authority.js';
import { writeTokenAccess } from '../support/access/token-access.js';
import { TestServer } from '../support/test-server.js';

const TOKEN = 'fhn_the-token-of-this-test';
const EVENT = {
  topic: '/tasks/oom',
  event: pack(events.TaskOOM, events.TaskOOM.create({ containerId: 'a' })),
};

describe('a client over TLS', () => {
  let authority: Authority;
  let server: TestServer;
  const clients: Client[] = [];

  before(async () => {
    authority = new Authority();
    const access = authority.path('access.yaml');
    writeTokenAccess(access, TOKEN, ['alice']);
    const { cert, key } = authority.server();
    server = await TestServer.start({
      grpc: ['127.0.0.1:0'],
      docker: [],
      access,
      tls: { cert, key, clientCa: authority.ca },
    });
  });

  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
  });

  after(async () => {
    await server.stop();
    authority.remove();
  });

  function client(security: ClientSecurity): Client {
    const made = connect({ address: server.address, ...security });
    clients.push(made);
    return made;
  }

  it('is identified by its certificate', async () => {
    const tls = { ca: authority.ca, ...authority.client('alice') };
    const { kind } = await client({ tls }).publish(EVENT);
    expect(kind).to.equal('stored');
  });

  it('is identified by its token, on every kind of call', async () => {
    const ci = client({ tls: { ca: authority.ca }, token: TOKEN });
    await ci.publish(EVENT);
    const { last } = await ci.describe();
    expect(last).to.not.equal(undefined);
    const kinds: string[] = [];
    for await (const { kind } of ci.read({ start: 'earliest', stopWhenCaughtUp: true })) {
      kinds.push(kind);
    }
    expect(kinds).to.include('entries');
  });

  it('is refused without an identity, and with a certificate that the broker does not have', async () => {
    const errors: string[] = [];
    for (const tls of [{ ca: authority.ca }, true] as const) {
      await client({ tls })
        .publish(EVENT, { timeout: 5000 })
        .catch((error: unknown) => errors.push((error as Error).message));
    }
    expect(errors[0]).to.include('the caller is not identified');
    expect(errors[1]).to.match(/cannot reach .*(certificate|self)/);
  });

  it('does not go through a proxy of web pages', async () => {
    const before = process.env.http_proxy;
    process.env.http_proxy = 'http://127.0.0.1:1';
    try {
      const tls = { ca: authority.ca, ...authority.client('alice') };
      await client({ tls }).publish(EVENT);
    } finally {
      if (before === undefined) delete process.env.http_proxy;
      else process.env.http_proxy = before;
    }
  });

  it('keeps what it has read while its files are being replaced', async () => {
    const ca = authority.path('replaced-ca');
    copyFileSync(authority.ca, ca);
    const peer = { address: server.address, daemon: 'foghorn serve' };
    const connection = new Connection(peer, { tls: { ca }, token: TOKEN });
    rmSync(ca);
    connection.replace(connection.services);
    const { last } = await unaryCall<DescribeResponse>(
      connection,
      {},
      ({ history }, options, callback) => history.describe({}, new Metadata(), options, callback),
    );
    expect(last).to.not.equal(undefined);
    connection.close();
  });

  it('says which of its files cannot be used', () => {
    const missing = { ca: authority.path('no-such-file') };
    expect(() => client({ tls: missing })).to.throw(/cannot use the TLS files: ENOENT.*no-such/);
    expect(() => client({ tls: { cert: authority.ca } })).to.throw(
      /both a certificate and its key/,
    );
  });
});
