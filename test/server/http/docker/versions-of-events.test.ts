import { expect } from 'chai';
import { DockerServer } from '../../../support/docker/docker-server.js';
import { actionsOf, toldEvent } from '../../../support/docker/event-lines.js';
import { recorded } from '../../../support/docker/recorded-events.js';
import { forwardAll } from '../../../support/history-seed.js';

const VERSIONS = ['1.24', '1.30', '1.41', '1.45', '1.46', '1.51', '1.52', '1.55'];
/** No double has any of these. */
const TIMES = [1_795_300_396_512_345_677n, 9_007_199_254_740_993n, 1n, -1n, 2n ** 63n - 1n];

describe('events in every version of the API', () => {
  let server: DockerServer;

  beforeEach(async () => {
    server = await DockerServer.start({ dockerApiVersion: '1.55' });
  });
  afterEach(() => server.stop());

  for (const version of VERSIONS) {
    it(`have their exact time in ${version}, in the past and live`, async () => {
      const live = server.docker.events('', { version });
      await live.head;
      await forwardAll(
        server.grpc,
        TIMES.map((timeNano) => recorded({ timeNano })),
      );
      const received = await live.when(({ length }) => length === TIMES.length);
      expect(received.map((line) => toldEvent(line).timeNano)).to.deep.equal(TIMES);
      expect(await server.docker.history({}, { version })).to.deep.equal(received);
      live.cancel();
    });

    const hidden = Number(version.split('.')[1]) < 46;
    it(`${hidden ? 'omit' : 'include'} the creation of images in ${version}`, async () => {
      const live = server.docker.events('', { version });
      await live.head;
      await forwardAll(server.grpc, [
        recorded({ type: 'image', action: 'create', timeNano: 1n }),
        recorded({ type: 'image', action: 'pull', timeNano: 2n }),
        recorded({ type: 'container', action: 'create', timeNano: 3n }),
      ]);
      const expected = hidden ? ['pull', 'create'] : ['create', 'pull', 'create'];
      const received = await live.when((lines) =>
        lines.some((line) => toldEvent(line).type === 'container'),
      );
      expect(actionsOf(received)).to.deep.equal(expected);
      expect(await server.docker.history({}, { version })).to.deep.equal(received);
      live.cancel();
    });

    const deprecated = Number(version.split('.')[1]) < 52;
    it(`${deprecated ? 'have' : 'do not have'} status, id and from in ${version}`, async () => {
      const attributes = new Map([['image', 'busybox']]);
      await forwardAll(server.grpc, [
        recorded({ action: 'die', actorId: 'c1c1c1c1c1c1', attributes, timeNano: 1n }),
        recorded({ type: 'image', action: 'pull', actorId: 'busybox', attributes, timeNano: 2n }),
        recorded({ type: 'volume', action: 'create', actorId: 'v1', attributes, timeNano: 3n }),
        recorded({ type: 'container', action: 'prune', actorId: '', timeNano: 4n }),
      ]);
      const old = (await server.docker.history({}, { version })).map((line) => {
        const { status, id, from } = JSON.parse(line) as Record<string, string>;
        return [status, id, from];
      });
      const none = [undefined, undefined, undefined];
      expect(old).to.deep.equal(
        deprecated
          ? [
              ['die', 'c1c1c1c1c1c1', 'busybox'],
              ['pull', 'busybox', undefined],
              none,
              ['prune', undefined, undefined],
            ]
          : [none, none, none, none],
      );
    });
  }
});
