import { credentials, status } from '@grpc/grpc-js';
import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createHttp2Server, type Http2Server } from 'node:http2';
import { ConsumersCreateRequest } from '../../../protos/gen/foghorn/v1/consumers.js';
import { AttachRequest } from '../../../protos/gen/foghorn/v1/recorder.js';
import { CreateNamespaceRequest } from '../../../protos/gen/containerd/services/namespaces/v1/namespace.js';
import { Authority, type CertificateFiles } from '../../support/access/authority.js';
import { DockerClient } from '../../support/docker/docker-client.js';
import { eventually } from '../../support/eventually.js';
import { expectRefusal } from '../../support/refusal.js';
import { TestClient, type Headers } from '../../support/test-client.js';
import { TestServer } from '../../support/test-server.js';

type Line = Readonly<Record<string, unknown>>;

const TOKEN = 'a-token';
/** A name that would move a terminal's cursor and forge a line. */
const EVIL = 'evil\u001b[2J\u202e\n{"audit":"allowed"}\u0085';
const RULES = `
roles:
  team: { publish: [a*], read: [a*] }
  engine: { engine: ['*'] }
  few: { read: [a], quota: { subscriptions: 1 } }
grants:
  - { role: team, to: [alice, ci] }
  - { role: engine, to: [docker] }
  - { role: few, to: [few] }
tokens:
  - { name: ci, sha256: ${createHash('sha256').update(TOKEN).digest('hex')} }
  - { name: ${JSON.stringify(EVIL)}, sha256: ${createHash('sha256').update('evil').digest('hex')} }
`;
const CREATE_NAMESPACE = '/containerd.services.namespaces.v1.Namespaces/Create';
const KILL = '/containerd.services.tasks.v1.Tasks/Kill';
const LIST = '/containerd.services.tasks.v1.Tasks/List';

describe('the audit of a broker', () => {
  const authority = new Authority();
  const audit = authority.path('audit.jsonl');
  const socket = (name: string): string => authority.path(`${name}.sock`);
  const clients: TestClient[] = [];
  const certificate = authority.client('alice');
  let engine: Server;
  let containerd: Http2Server;
  let server: TestServer;

  before(async () => {
    writeFileSync(authority.path('access.yaml'), RULES);
    engine = createServer((_request, response) => response.end('{}')).listen(socket('engine'));
    containerd = createHttp2Server().on('stream', (stream) => {
      const answer = { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '0' };
      stream.respond(answer, { endStream: true });
    });
    containerd.listen(socket('containerd'));
    await Promise.all([once(engine, 'listening'), once(containerd, 'listening')]);
    const grpc = ['few', 'docker'].map((name) => `unix://${socket(name)}?as=${name}`);
    server = await TestServer.start({
      grpc: ['localhost:0', ...grpc, `unix://${socket('local')}`],
      docker: [
        `unix://${socket('engine-api')}?as=docker`,
        `unix://${socket('filtered')}?as=docker&allow=events`,
      ],
      engine: { text: 'engine', target: { socketPath: socket('engine') } },
      containerd: `unix://${socket('containerd')}`,
      access: authority.path('access.yaml'),
      tls: { ...authority.server(), clientCa: authority.ca },
      audit,
    });
  });

  after(async () => {
    await server.stop();
    for (const client of clients) client.close();
    engine.close();
    containerd.close();
    authority.remove();
  });

  function overTls(files?: CertificateFiles): TestClient {
    const { ca, key, cert } = authority.read(files ?? { cert: authority.ca, key: authority.ca });
    const identity = files === undefined ? [ca] : [ca, key, cert];
    const client = new TestClient(server.address, credentials.createSsl(...identity));
    clients.push(client);
    return client;
  }

  const overSocket = (name: string): TestClient => server.client(`unix://${socket(name)}`);
  const inNamespace = (namespace: string, token?: string): Headers => ({
    'containerd-namespace': namespace,
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  });
  const lines = (): Line[] =>
    readFileSync(audit, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);

  /** Waits for a line with these fields, and returns it without its time. */
  async function line(fields: Line): Promise<Line> {
    const wanted = Object.entries(fields);
    const find = (): Line | undefined =>
      lines().find((each) => wanted.every(([name, value]) => each[name] === value));
    await eventually(() => find() !== undefined);
    const { time, ...found } = find() ?? {};
    expect(new Date(String(time)).toISOString()).to.equal(time);
    return found;
  }

  it('is a file that only its owner may read, and says when it began', async () => {
    await line({ audit: 'started' });
    expect(statSync(audit).mode & 0o777).to.equal(0o600);
  });

  it('says who connected, from where, and by which proof', async () => {
    const address = '127.0.0.1';
    await overTls(certificate).publish('/x', undefined, inNamespace('a1'));
    expect(await line({ audit: 'identified', name: 'alice' })).to.deep.equal({
      ...{ audit: 'identified', name: 'alice', by: 'certificate' },
      address,
    });
    await overTls().publish('/x', undefined, inNamespace('a1', TOKEN));
    await line({ audit: 'identified', name: 'ci', by: 'token', address });
    await overSocket('local').publish('/x', undefined, inNamespace('a1'));
    expect(await line({ audit: 'identified', by: 'socket' })).to.deep.equal({
      ...{ audit: 'identified', name: 'local', by: 'socket' },
    });
  });

  it('says who could not be identified, and why', async () => {
    const address = '127.0.0.1';
    const attempt = (by: TestClient, token?: string): Promise<unknown> =>
      expectRefusal(by.publish('/x', undefined, inNamespace('a1', token)), status.UNAUTHENTICATED);
    await attempt(overTls());
    await line({ audit: 'unidentified', address, reason: 'there is no proof of identity' });
    await attempt(overTls(), 'a-guess');
    await line({ audit: 'unidentified', address, reason: 'the token is not known' });
    const foreign = new Authority();
    const stranger = overTls(foreign.client('alice'));
    foreign.remove();
    await expectRefusal(stranger.publish('/x', undefined), status.UNAVAILABLE);
    await line({ audit: 'unidentified', reason: 'the client certificate is not valid' });
    expect(readFileSync(audit, 'utf8')).not.to.include('a-guess');
  });

  it('says which rights are used, by publishing, by reading and by a filter', async () => {
    const alice = overTls(certificate);
    await alice.publish('/x', undefined, inNamespace('a-used'));
    expect(await line({ audit: 'allowed', namespace: 'a-used' })).to.deep.equal({
      ...{ audit: 'allowed', name: 'alice', by: 'certificate', address: '127.0.0.1' },
      ...{ right: 'publish', namespace: 'a-used' },
    });
    for (const [filters, namespace] of [
      [['namespace==a-read'], 'a-read'],
      [[], '*'],
    ] as const) {
      const stream = alice.subscribe([...filters]);
      await stream.headers;
      stream.cancel();
      await line({ audit: 'allowed', name: 'alice', right: 'read', namespace });
    }
  });

  it('says which right a caller lacks', async () => {
    const alice = overTls(certificate);
    const publish = alice.publish('/x', undefined, inNamespace('b'));
    await expectRefusal(publish, status.PERMISSION_DENIED);
    expect(await line({ audit: 'denied', namespace: 'b' })).to.deep.equal({
      ...{ audit: 'denied', name: 'alice', by: 'certificate', address: '127.0.0.1' },
      ...{ right: 'publish', namespace: 'b' },
    });
    const filtered = new DockerClient(socket('filtered'));
    expect((await filtered.ask('POST', '/containers/create')).status).to.equal(403);
    filtered.close();
    await line({ audit: 'denied', name: 'docker', request: 'POST /containers/create' });
  });

  it('says which limit of a quota was reached', async () => {
    const few = overSocket('few');
    const [first, second] = [few.subscribe(), few.subscribe()];
    const { code } = await Promise.race([first.status, second.status]);
    expect(code).to.equal(status.RESOURCE_EXHAUSTED);
    for (const stream of [first, second]) stream.cancel();
    const limit = '1 subscriptions';
    expect(await line({ audit: 'limited' })).to.deep.equal({
      audit: 'limited',
      name: 'few',
      limit,
    });
  });

  it('says what was changed in consumers, namespaces and recorders', async () => {
    const ci = overTls();
    const by = { authorization: `Bearer ${TOKEN}` };
    const create = ConsumersCreateRequest.encode(
      ConsumersCreateRequest.fromPartial({ name: 'work' }),
    );
    await ci.call('/foghorn.v1.Consumers/Create', create.finish(), by);
    expect(await line({ audit: 'changed', consumer: 'work' })).to.deep.equal({
      ...{ audit: 'changed', name: 'ci', by: 'token', address: '127.0.0.1' },
      ...{ action: 'create consumer', consumer: 'work' },
    });
    // Without a containerd behind it, a broker has namespaces of its own.
    const alone = await TestServer.start({ audit });
    const client = alone.client();
    const namespace = CreateNamespaceRequest.fromPartial({ namespace: { name: 'made' } });
    await client.call(CREATE_NAMESPACE, CreateNamespaceRequest.encode(namespace).finish());
    await line({ audit: 'changed', name: 'local', action: 'create namespace', namespace: 'made' });
    const recorder = client.duplex('/foghorn.v1.Recorders/Attach');
    const value = { kind: 'docker', namespace: 'moby' };
    const attach = AttachRequest.fromPartial({ message: { $case: 'daemon', value } });
    recorder.sendBytes(AttachRequest.encode(attach).finish());
    await line({ audit: 'changed', action: 'attach recorder', kind: 'docker', namespace: 'moby' });
    recorder.end();
    await alone.stop();
  });

  it('says what passed to an engine or containerd and may have changed something there', async () => {
    const docker = new DockerClient(socket('engine-api'));
    await docker.ask('GET', '/images/json');
    await docker.ask('POST', '/containers/box/stop?t=1');
    docker.close();
    await line({ audit: 'changed', action: 'engine', request: 'POST /containers/box/stop' });
    const client = overSocket('docker');
    await client.call(LIST, Buffer.alloc(0), inNamespace('a')).catch(() => undefined);
    await client.call(KILL, Buffer.alloc(0), inNamespace('a')).catch(() => undefined);
    await line({ audit: 'changed', action: 'containerd', method: KILL, namespace: 'a' });
    const text = readFileSync(audit, 'utf8');
    expect(text).not.to.include('/images/json');
    expect(text).not.to.include(LIST);
  });

  it('escapes what callers are called', async () => {
    await overTls()
      .publish('/x', undefined, inNamespace('a', 'evil'))
      .catch(() => undefined);
    await line({ audit: 'denied', name: EVIL });
    expect(readFileSync(audit, 'utf8')).not.to.match(/[^\P{C}\n]/u);
  });

  it('says when rules came into force, and when they did not', async () => {
    const file = authority.path('access.yaml');
    writeFileSync(file, `${RULES}\n# changed\n`);
    await line({ audit: 'rules', file, verdict: 'in force' });
    writeFileSync(file, 'roles: [');
    const { reason } = await line({ audit: 'rules', verdict: 'refused' });
    expect(reason).to.match(/access\.yaml:1:\d+: /);
  });

  it('counts repetitions, and bounds the lines that a caller can cause', async () => {
    const alice = overTls(certificate);
    const attempts = Array.from({ length: 150 }, (_, at) => {
      const publish = alice.publish('/x', undefined, inNamespace(`forbidden-${at}`));
      return expectRefusal(publish, status.PERMISSION_DENIED);
    });
    const uses = Array.from({ length: 50 }, () =>
      alice.publish('/x', undefined, inNamespace('a-often')),
    );
    await Promise.all([...attempts, ...uses]);
    await server.stop();
    const all = lines();
    const denied = all.filter(({ audit, name }) => audit === 'denied' && name === 'alice');
    expect(denied.length).to.be.at.most(101);
    expect(Number(denied.at(-1)?.leftOut)).to.be.at.least(50);
    const often = all.filter(({ namespace }) => namespace === 'a-often');
    expect(often.map(({ repeated }) => repeated)).to.deep.equal([undefined, 49]);
    expect(all.at(-1)?.audit).to.equal('stopped');
  });
});
