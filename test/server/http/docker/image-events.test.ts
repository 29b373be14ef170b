import { expect } from 'chai';
import {
  ImageCreate,
  ImageDelete,
  ImageUpdate,
} from '../../../../protos/gen/containerd/events/image.js';
import { DockerServer } from '../../../support/docker/docker-server.js';
import { toldEvent } from '../../../support/docker/event-lines.js';
import { forwardAll } from '../../../support/history-seed.js';

const NAME = 'docker.io/library/busybox:latest';
const labels = new Map([['team', 'web']]);

const envelope = (message: string, topic: string, value: Uint8Array) => ({
  timestamp: { seconds: 5n, nanos: 0 },
  namespace: 'default',
  topic,
  event: { typeUrl: `containerd.services.images.v1.${message}`, value: Buffer.from(value) },
});

describe("containerd's images, to Docker clients", () => {
  let server: DockerServer;

  beforeEach(async () => {
    server = await DockerServer.start();
  });
  afterEach(() => server.stop());

  it('have events under the names that containerd gives their types', async () => {
    const image = { name: NAME, labels };
    await forwardAll(server.grpc, [
      envelope('ImageCreate', '/images/create', ImageCreate.encode(image).finish()),
      envelope('ImageUpdate', '/images/update', ImageUpdate.encode(image).finish()),
      envelope('ImageDelete', '/images/delete', ImageDelete.encode({ name: NAME }).finish()),
    ]);
    const shown = (await server.docker.history()).map(toldEvent);
    expect(shown.map(({ type, action, id }) => [type, action, id])).to.deep.equal([
      ['image', 'create', NAME],
      ['image', 'tag', NAME],
      ['image', 'delete', NAME],
    ]);
    expect(shown[0]?.attributes).to.deep.equal({ name: NAME, team: 'web' });
  });
});
