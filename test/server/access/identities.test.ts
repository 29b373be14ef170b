import { credentials, status } from '@grpc/grpc-js';
import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Envelope } from '../../../protos/gen/containerd/types/event.js';
import { Authority, type CertificateFiles } from '../../support/access/authority.js';
import { eventually } from '../../support/eventually.js';
import { expectRefusal } from '../../support/refusal.js';
import type { StreamProbe } from '../../support/stream-probe.js';
import { TestClient, type Headers } from '../../support/test-client.js';
import { TestServer } from '../../support/test-server.js';

const TOKENS = { ci: 'a-token-of-ci', late: 'a-token-that-has-expired' };
const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
const bearer = (token: string): Headers => ({ authorization: `Bearer ${token}` });

const ROLES = `
roles:
  a: { publish: [a*], read: [a*] }
  b: { publish: [b], read: [b] }
`;
const TOKEN_LINES = `
tokens:
  - { name: ci, groups: [team-a], sha256: ${digest(TOKENS.ci)} }
  - { name: late, groups: [team-a], sha256: ${digest(TOKENS.late)}, expires: 2020-01-01 }
`;
const grants = (...lines: string[]): string =>
  `grants:\n${lines.map((line) => `  - ${line}\n`).join('')}`;
const GRANTS = grants(
  '{ role: a, to: [alice, "group:team-a"] }',
  '{ role: b, to: ["spiffe://x/b"] }',
);

describe('identities', () => {
  let authority: Authority;
  let server: TestServer;
  let access: string;
  const clients: TestClient[] = [];
  const streams: StreamProbe<Buffer>[] = [];

  before(async () => {
    authority = new Authority();
    access = authority.path('access.yaml');
    writeFileSync(access, `${ROLES}${GRANTS}${TOKEN_LINES}local: []\n`);
    const { cert, key } = authority.server();
    server = await TestServer.start({
      grpc: ['localhost:0'],
      docker: [],
      access,
      tls: { cert, key, clientCa: authority.ca },
    });
  });

  after(async () => {
    for (const stream of streams) stream.cancel();
    for (const client of clients) client.close();
    await server.stop();
    authority.remove();
  });

  function client(files?: CertificateFiles): TestClient {
    const { ca, key, cert } = authority.read(files ?? { cert: authority.ca, key: authority.ca });
    const channel =
      files === undefined ? credentials.createSsl(ca) : credentials.createSsl(ca, key, cert);
    const made = new TestClient(server.address, channel);
    clients.push(made);
    return made;
  }

  function subscribe(by: TestClient, filters: string[], headers: Headers): StreamProbe<Buffer> {
    const stream = by.subscribe(filters, headers);
    streams.push(stream);
    return stream;
  }

  const inNamespace = (namespace: string, more: Headers = {}): Headers => ({
    'containerd-namespace': namespace,
    ...more,
  });
  const namespacesOf = (messages: readonly Buffer[]): string[] =>
    messages.map((bytes) => Envelope.decode(bytes).namespace);

  it('come from the common name of a client certificate', async () => {
    const alice = client(authority.client('alice'));
    await alice.publish('/x', undefined, inNamespace('a1'));
    const text = await expectRefusal(
      alice.publish('/x', undefined, inNamespace('b')),
      status.PERMISSION_DENIED,
    );
    expect(text).to.equal('"alice" does not have the right publish on namespace "b"');
  });

  it('come from the URI of a client certificate before its common name', async () => {
    const bob = client(authority.client('alice', 'spiffe://x/b'));
    await bob.publish('/x', undefined, inNamespace('b'));
    await expectRefusal(bob.publish('/x', undefined, inNamespace('a1')), status.PERMISSION_DENIED);
  });

  it('come from a bearer token, whatever the certificate says', async () => {
    await client().publish('/x', undefined, inNamespace('a2', bearer(TOKENS.ci)));
    const bob = client(authority.client('b', 'spiffe://x/b'));
    await bob.publish('/x', undefined, inNamespace('a2', bearer(TOKENS.ci)));
  });

  it('are refused with one text, whichever part was wrong', async () => {
    const anyone = client();
    const attempts: Headers[] = [
      {},
      bearer('guess'),
      bearer(TOKENS.late),
      bearer('a.b.c'),
      { authorization: TOKENS.ci },
      { authorization: 'Basic YTpi' },
    ];
    const texts = new Set<string>();
    for (const headers of attempts) {
      const call = anyone.publish('/x', undefined, inNamespace('a1', headers));
      texts.add(await expectRefusal(call, status.UNAUTHENTICATED));
    }
    expect([...texts]).to.deep.equal([
      'the caller is not identified: expected a valid client certificate or bearer token',
    ]);
  });

  it('are not taken from the certificate of another authority', async () => {
    const other = new Authority();
    const { key, cert } = other.read(other.client('alice'));
    const channel = credentials.createSsl(authority.read(authority.server()).ca, key, cert);
    const forged = new TestClient(server.address, channel);
    await expectRefusal(forged.publish('/x', undefined, inNamespace('a1')), status.UNAVAILABLE);
    forged.close();
    other.remove();
  });

  it('decide what a subscription without a namespace sees, past and live', async () => {
    const bob = client(authority.client('b', 'spiffe://x/b'));
    const alice = client(authority.client('alice'));
    const seen = subscribe(alice, [], { 'foghorn-since': '0' });
    const narrow = subscribe(alice, ['topic=="/seen"'], { 'foghorn-since': '0' });
    await bob.publish('/seen', undefined, inNamespace('b'));
    await alice.publish('/seen', undefined, inNamespace('a.past'));
    await seen.when((messages) => namespacesOf(messages).includes('a.past'));
    await bob.publish('/seen', undefined, inNamespace('b'));
    await alice.publish('/seen', undefined, inNamespace('a.live'));
    await seen.when((messages) => namespacesOf(messages).includes('a.live'));
    await narrow.when((messages) => namespacesOf(messages).includes('a.live'));
    expect(namespacesOf(seen.messages)).to.not.include('b');
    expect(namespacesOf(narrow.messages)).to.deep.equal(['a.past', 'a.live']);
  });

  it('may not subscribe to a namespace that they name and may not read', async () => {
    const alice = client(authority.client('alice'));
    const stream = subscribe(alice, ['namespace==a1', 'namespace==b'], {});
    expect((await stream.status).code).to.equal(status.PERMISSION_DENIED);
  });

  it('get other rights, or none, while they are connected when the file changes', async () => {
    const alice = client(authority.client('alice'));
    const bob = client(authority.client('b', 'spiffe://x/b'));
    const seen = subscribe(alice, [], {});
    const byToken = subscribe(client(), [], bearer(TOKENS.ci));
    await seen.headers;
    await byToken.headers;
    writeFileSync(
      access,
      `${ROLES}${grants('{ role: b, to: [alice, "spiffe://x/b"] }')}local: []\n`,
    );
    expect((await byToken.status).code).to.equal(status.UNAUTHENTICATED);
    await bob.publish('/x', undefined, inNamespace('b'));
    await seen.when((messages) => namespacesOf(messages).includes('b'));
    await expectRefusal(
      alice.publish('/x', undefined, inNamespace('a1')),
      status.PERMISSION_DENIED,
    );
    // A broken file changes nothing.
    writeFileSync(access, 'roles: 7\n');
    await delay(1500);
    await alice.publish('/x', undefined, inNamespace('b'));
    writeFileSync(access, `${ROLES}${GRANTS}${TOKEN_LINES}local: []\n`);
    await eventually(() =>
      alice.publish('/x', undefined, inNamespace('a1', bearer(TOKENS.ci))).then(
        () => true,
        () => false,
      ),
    );
  });
});
