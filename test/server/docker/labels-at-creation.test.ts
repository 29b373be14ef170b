import { expect } from 'chai';
import { events, pack } from '../../../client/index.js';
import type { Any, Envelope } from '../../../client/index.js';
import { ContainerdContainer } from '../../../protos/gen/foghorn/v1/recording.js';
import { DockerServer } from '../../support/docker/docker-server.js';

const LABELS = new Map([
  ['nerdctl/name', 'web'],
  ['tier', 'front'],
]);

interface Listed {
  readonly Names: readonly string[];
  readonly Labels: Readonly<Record<string, string>>;
}

describe('a container whose labels containerd has described at its creation', () => {
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

  async function described(labels: ReadonlyMap<string, string>): Promise<void> {
    const container = ContainerdContainer.fromPartial({ id: 'c1', labels: new Map(labels) });
    const value = Buffer.from(ContainerdContainer.encode(container).finish());
    await forward('/foghorn/containerd-container', {
      typeUrl: 'foghorn.v1.ContainerdContainer',
      value,
    });
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

  it('does not have the labels of one that had its id before', async () => {
    await described(LABELS);
    await created();
    await deleted();
    await created();
    expect(await listed()).to.deep.equal([{ Names: ['/c1'], Labels: {} }]);
  });
});
