import { credentials, status } from '@grpc/grpc-js';
import type { ServiceError } from '@grpc/grpc-js';
import { expect } from 'chai';
import { events, pack } from '../../../../client/index.js';
import { NamespacesClient } from '../../../../protos/gen/containerd/services/namespaces/v1/namespace.js';
import { TestServer } from '../../../support/test-server.js';

type Labels = Readonly<Record<string, string>>;
type Answer<Response> = (error: ServiceError | null, response: Response) => void;

describe("containerd's namespaces service", () => {
  let server: TestServer;
  let namespaces: NamespacesClient;
  let time = 0n;

  beforeEach(async () => {
    server = await TestServer.start();
    namespaces = new NamespacesClient(server.address, credentials.createInsecure());
  });

  afterEach(async () => {
    namespaces.close();
    await server.stop();
  });

  function call<Response>(start: (answer: Answer<Response>) => unknown): Promise<Response> {
    return new Promise((resolve, reject) => {
      start((error, response) => {
        if (error === null) resolve(response);
        else reject(error);
      });
    });
  }

  const named = (name: string, labels: Labels = {}) => ({
    name,
    labels: new Map(Object.entries(labels)),
  });

  function create(name: string, labels?: Labels) {
    return call((answer) => namespaces.create({ namespace: named(name, labels) }, answer));
  }

  function update(name: string, labels: Labels, updateMask?: string[]) {
    const request = { namespace: named(name, labels), updateMask };
    return call((answer) => namespaces.update(request, answer));
  }

  function remove(name: string) {
    return call((answer) => namespaces.delete({ name }, answer));
  }

  async function list(): Promise<[string, Labels][]> {
    const { namespaces: all } = await call<{ namespaces: ReturnType<typeof named>[] }>((answer) =>
      namespaces.list({ filter: 'no[filter' }, answer),
    );
    return all.map(({ name, labels }) => [name, Object.fromEntries(labels)]);
  }

  async function refusal(refused: Promise<unknown>): Promise<[code: number, details: string]> {
    try {
      await refused;
    } catch (error) {
      const { code, details } = error as ServiceError;
      return [code, details];
    }
    throw new Error('the call was not refused');
  }

  async function forward(topic: string, event: ReturnType<typeof pack>): Promise<void> {
    const timestamp = { seconds: (time += 1n), nanos: 0 };
    await server.client().forward({ timestamp, namespace: 'shop', topic, event });
  }

  it('lists namespaces by name, without empty labels', async () => {
    await create('shop', { tier: 'front', none: '' });
    await create('Jobs');
    await create('app');
    expect(await list()).to.deep.equal([
      ['Jobs', {}],
      ['app', {}],
      ['shop', { tier: 'front' }],
    ]);
  });

  it('answers OK without labels for a namespace that does not exist', async () => {
    await create('shop', { a: '1' });
    const get = (name: string) =>
      call<{ namespace: unknown }>((answer) => namespaces.get({ name }, answer));
    expect(await get('none')).to.deep.equal({ namespace: named('none') });
    expect(await get('shop')).to.deep.equal({ namespace: named('shop', { a: '1' }) });
  });

  it('changes the labels that a mask names, or replaces all without one', async () => {
    await create('shop', { a: '1', b: '2' });
    await update('shop', { a: '3', b: '4', c: '5' }, ['labels.a', 'labels.x.y']);
    expect(await list()).to.deep.equal([['shop', { a: '3', b: '2' }]]);
    await update('shop', {}, ['labels.a']);
    expect(await list()).to.deep.equal([['shop', { b: '2' }]]);
    await update('shop', { c: '5' });
    expect(await list()).to.deep.equal([['shop', { c: '5' }]]);
    await update('other', { d: '6' });
    expect(await list()).to.deep.equal([
      ['other', { d: '6' }],
      ['shop', { c: '5' }],
    ]);
  });

  it("refuses with containerd's codes and texts", async () => {
    await create('shop');
    const long = 'k'.repeat(4000);
    const tooLong = `label key and value length (4100 bytes) greater than maximum size (4096 bytes), key: ${long.slice(0, 64)}: invalid argument`;
    const label = { [long]: 'v'.repeat(100) };
    expect(await refusal(create('shop'))).to.deep.equal([
      status.ALREADY_EXISTS,
      'namespace "shop": already exists',
    ]);
    expect(await refusal(create('a/b'))).to.deep.equal([
      status.INVALID_ARGUMENT,
      'identifier "a/b" must match ^[A-Za-z0-9]+(?:[._-](?:[A-Za-z0-9]+))*$: invalid argument',
    ]);
    expect(await refusal(create('new', label))).to.deep.equal([
      status.INVALID_ARGUMENT,
      `namespace.Labels: ${tooLong}`,
    ]);
    expect(await refusal(update('shop', label))).to.deep.equal([status.UNKNOWN, tooLong]);
    expect(await refusal(update('shop', {}, ['name']))).to.deep.equal([
      status.INVALID_ARGUMENT,
      'cannot update "name" field',
    ]);
    expect(await refusal(remove('none'))).to.deep.equal([
      status.NOT_FOUND,
      'namespace "none": not found',
    ]);
    expect(await list()).to.deep.equal([['shop', {}]]);
  });

  it('creates a namespace once when many create it at the same time', async () => {
    const creations = Array.from({ length: 20 }, () => create('shop'));
    const outcomes = await Promise.allSettled(creations);
    expect(outcomes.filter(({ status: outcome }) => outcome === 'fulfilled')).to.have.length(1);
  });

  it('removes a namespace only once its containers are deleted and its tasks have ended', async () => {
    const mustBeEmpty = [
      status.FAILED_PRECONDITION,
      'namespace "shop" must be empty, but it still has containers: failed precondition',
    ];
    await create('shop');
    await forward('/containers/create', pack(events.ContainerCreate, { id: 'web' }));
    expect(await refusal(remove('shop'))).to.deep.equal(mustBeEmpty);
    await forward('/containers/delete', pack(events.ContainerDelete, { id: 'web' }));
    await forward('/tasks/start', pack(events.TaskStart, { containerId: 'job', pid: 7 }));
    expect(await refusal(remove('shop'))).to.deep.equal(mustBeEmpty);
    const exit = { containerId: 'job', id: 'job', pid: 7, exitStatus: 1 };
    await forward('/tasks/exit', pack(events.TaskExit, exit));
    await remove('shop');
    expect(await list()).to.deep.equal([]);
  });
});
