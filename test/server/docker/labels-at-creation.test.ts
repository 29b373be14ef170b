import { expect } from 'chai';
import { events, pack } from '../../../client/index.js';
import type { Any, Envelope } from '../../../client/index.js';
import { ContainerdContainer } from '../../../protos/gen/foghorn/v1/recording.js';
import { ObservedRun } from '../../../protos/gen/foghorn/v1/run.js';
import { DockerServer } from '../../support/docker/docker-server.js';

const LABELS = new Map([
  ['nerdctl/name', 'web'],
  ['tier', 'front'],
]);

interface Listed {
  readonly Names: readonly string[];
  readonly Labels: Readonly<Record<string, string>>;
}

describe('a container whose labels containerd has described', () => {
  let server: DockerServer;
  let time = 0n;

  beforeEach(async () => {
    server = await DockerServer.start({ dockerNamespace: 'k8s.io' });
  });

  afterEach(() => server.stop());

  async function forward(topic: string, event: Any): Promise<void> {
    const seconds = (time += 1n);
    const envelope: Envelope = {
      timestamp: { seconds, nanos: 0 },
      namespace: 'k8s.io',
      topic,
      event,
    };
    await server.grpc.forward(envelope);
  }

  /** @param created when it was created, seconds since 1970, if that was not recorded */
  async function described(labels: ReadonlyMap<string, string>, created?: bigint): Promise<void> {
    const container = ContainerdContainer.fromPartial({
      id: 'c1',
      image: 'docker.io/library/busybox:latest',
      labels: new Map(labels),
      ...(created !== undefined && { createdAt: { seconds: created, nanos: 0 } }),
    });
    const value = Buffer.from(ContainerdContainer.encode(container).finish());
    await forward('/foghorn/containerd-container', {
      typeUrl: 'foghorn.v1.ContainerdContainer',
      value,
    });
  }

  /** A run of it goes on that began unrecorded. */
  async function goesOn(): Promise<void> {
    const run = ObservedRun.fromPartial({
      containerId: 'c1',
      pid: 7,
      observation: { $case: 'goesOn', value: {} },
    });
    const value = Buffer.from(ObservedRun.encode(run).finish());
    await forward('/foghorn/observed-run', { typeUrl: 'foghorn.v1.ObservedRun', value });
  }

  const created = () =>
    forward('/containers/create', pack(events.ContainerCreate, { id: 'c1', image: 'busybox' }));
  const deleted = () => forward('/containers/delete', pack(events.ContainerDelete, { id: 'c1' }));

  async function listed(): Promise<Listed[]> {
    const list = await server.docker.json('/containers/json', { query: { all: '1' } });
    return (list as Listed[]).map(({ Names, Labels }) => ({ Names, Labels }));
  }

  it('has its name and labels from the first event on', async () => {
    await described(LABELS);
    await created();
    expect(await listed()).to.deep.equal([{ Names: ['/web'], Labels: Object.fromEntries(LABELS) }]);
    const shown = await server.docker.history({ until: '1000' });
    expect(shown).to.have.length(1);
    expect(shown[0]).to.contain('"Action":"create"').and.contain('"name":"web"');
  });

  for (const order of ['before', 'after'] as const) {
    it(`is there with its name when it is older than the recording, listed ${order} it was described`, async () => {
      if (order === 'before') expect(await listed()).to.deep.equal([]);
      await described(LABELS, 5n);
      await goesOn();
      const list = await server.docker.json('/containers/json');
      expect(list).to.have.length(1);
      expect((list as object[])[0]).to.deep.include({
        Id: 'c1__________',
        Names: ['/web'],
        Image: 'busybox:latest',
        Labels: Object.fromEntries(LABELS),
        Created: 5,
        State: 'running',
      });
      expect(await server.docker.history({ until: '1000' })).to.deep.equal([]);
      await forward(
        '/tasks/exit',
        pack(events.TaskExit, { containerId: 'c1', id: 'c1', pid: 7, exitStatus: 3 }),
      );
      const shown = await server.docker.history({ until: '1000' });
      expect(shown).to.have.length(1);
      expect(shown[0]).to.contain('"Action":"die"').and.contain('"name":"web"');
    });
  }

  it('is there again when its id was given to another one unrecorded', async () => {
    await described(LABELS);
    await created();
    await deleted();
    expect(await listed()).to.deep.equal([]);
    await described(new Map([['nerdctl/name', 'db']]), 4n);
    expect(await listed()).to.deep.equal([{ Names: ['/db'], Labels: { 'nerdctl/name': 'db' } }]);
  });

  it('does not have the labels of one that had its id before', async () => {
    await described(LABELS);
    await created();
    await deleted();
    await created();
    expect(await listed()).to.deep.equal([{ Names: ['/c1'], Labels: {} }]);
  });
});
