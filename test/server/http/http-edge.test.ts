import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { Authority } from '../../support/access/authority.js';
import { eventually } from '../../support/eventually.js';
import { TestServer } from '../../support/test-server.js';

interface Health {
  readonly warnings: readonly { readonly source: string; readonly reason: string }[];
}

describe('the HTTP edge', () => {
  let server: TestServer;

  beforeEach(async () => {
    server = await TestServer.start({ http: ['127.0.0.1:0'] });
  });
  afterEach(() => server.stop());

  async function ask(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(`${server.http}${path}`, init);
  }

  /** Sends a request with headers that `fetch` would set itself. */
  async function statusWith(headers: Record<string, string>): Promise<number | undefined> {
    const sent = request(`${server.http}/healthz`, { headers }).end();
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    answer.resume();
    return answer.statusCode;
  }

  it('reports that it lives and that it is ready', async () => {
    const alive = await ask('/healthz');
    expect(alive.status).to.equal(200);
    expect(await alive.json()).to.deep.equal({ alive: true });
    const ready = await ask('/readyz');
    expect(ready.status).to.equal(200);
    expect(await ready.json()).to.deep.equal({ ready: true, reasons: [], warnings: [] });
  });

  it('warns while changed files of access and TLS cannot be used, without a word of them', async () => {
    const authority = new Authority();
    const access = authority.path('access.yaml');
    writeFileSync(access, 'roles: {}\n');
    const { cert, key } = authority.server();
    const certificate = readFileSync(cert);
    const options = {
      http: ['127.0.0.1:0'],
      access,
      docker: [`127.0.0.1:0?cert=${cert}&key=${key}`],
    };
    const ruled = await TestServer.start(options);
    const warnings = async (): Promise<readonly string[]> => {
      const answer = (await (await fetch(`${ruled.http}/readyz`)).json()) as Health;
      return answer.warnings.map(({ source, reason }) => `${source}: ${reason}`);
    };
    try {
      expect(await warnings()).to.deep.equal([]);
      writeFileSync(access, 'secrets: {}\n');
      writeFileSync(cert, 'no certificate');
      await eventually(async () => (await warnings()).length === 2);
      expect(await warnings()).to.deep.equal([
        'access: the changed access file is broken, so its old rules stay in force: see the log',
        'tls: changed TLS files cannot be used, so the old certificate stays in force: see the log',
      ]);
      writeFileSync(access, 'roles: {}\nlocal: []\n');
      writeFileSync(cert, certificate);
      await eventually(async () => (await warnings()).length === 0);
    } finally {
      await ruled.stop();
      authority.remove();
    }
  });

  it('answers HEAD without a body', async () => {
    const answer = await ask('/readyz', { method: 'HEAD' });
    expect(answer.status).to.equal(200);
    expect(await answer.text()).to.equal('');
  });

  it('keeps browsers from caching answers and from guessing their type', async () => {
    const { headers } = await ask('/healthz');
    expect(headers.get('x-content-type-options')).to.equal('nosniff');
    expect(headers.get('cache-control')).to.equal('no-store');
    expect(headers.get('access-control-allow-origin')).to.equal(null);
  });

  it('names the methods of a path, and where to find the paths', async () => {
    const wrongMethod = await ask('/readyz', { method: 'POST', body: 'x' });
    expect(wrongMethod.status).to.equal(405);
    expect(wrongMethod.headers.get('allow')).to.equal('GET');
    const unknown = await ask('/nothing?a=1');
    expect(unknown.status).to.equal(404);
    expect(await unknown.json()).to.deep.equal({
      code: 'NOT_FOUND',
      message: 'no such path: "/nothing"; /v1/openapi.json describes those there are',
    });
  });

  it('answers requests that name this machine, by any of its loopback names', async () => {
    for (const host of ['localhost:1', '127.0.0.1', '127.1.2.3:80', '[::1]:9', 'a.localhost']) {
      expect(await statusWith({ host }), host).to.equal(200);
    }
  });

  it('refuses names that a DNS server could give to this machine', async () => {
    for (const host of [
      'evil.example',
      'localhost.evil.example',
      '127.0.0.1.nip.io',
      'a@localhost.b',
    ]) {
      expect(await statusWith({ host }), host).to.equal(403);
    }
  });

  it('refuses pages of other sites, and answers its own', async () => {
    const host = new URL(server.http).host;
    const own = { host, origin: `http://${host}` };
    expect(await statusWith(own)).to.equal(200);
    const others = [
      'http://evil.example',
      'null',
      `http://${host}.evil.example`,
      'http://localhost:1',
    ];
    for (const origin of others) {
      expect(await statusWith({ ...own, origin }), origin).to.equal(403);
    }
  });

  it('takes any name on a socket, which no browser reaches', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'foghorn-http-'));
    await server.stop();
    server = await TestServer.start({ http: [`unix://${directory}/http.sock`] });
    const sent = request({
      socketPath: server.http.replace('unix://', ''),
      path: '/readyz',
      headers: { host: 'proxy.example', origin: 'https://other.example' },
    }).end();
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    expect(answer.statusCode).to.equal(200);
    answer.resume();
    await server.stop();
    rmSync(directory, { recursive: true });
  });

  it('does not start on an address in use, unless it may do without', async () => {
    const address = new URL(server.http).host;
    const refusal = await TestServer.start({ http: [address] }).catch((error: unknown) => error);
    expect(refusal).to.have.property('code', 'FAILED_PRECONDITION');
    expect((refusal as Error).message).to.match(/^cannot listen on 127\.0\.0\.1:\d+: .*EADDRINUSE/);
    const optional = { http: [address], httpIsOptional: true, logLevel: 'warn' } as const;
    const without = await TestServer.start(optional);
    expect(without.http).to.equal(undefined);
    expect(without.logged).to.have.length(1);
    expect(without.logged[0])
      .to.contain(address)
      .and.contain('by another broker or program')
      .and.contain('this broker runs without its page');
    await without.stop();
  });

  it('cuts a connection whose request never ends, when it drains', async () => {
    await server.stop();
    server = await TestServer.start({ http: ['127.0.0.1:0'] }, { drainMs: 50 });
    const { hostname, port } = new URL(server.http);
    const socket = connect(Number(port), hostname);
    socket.write('POST /readyz HTTP/1.1\r\nHost: localhost\r\n');
    await once(socket, 'connect');
    const received = text(socket);
    await server.drain();
    expect(await received).to.equal('');
  });
});
