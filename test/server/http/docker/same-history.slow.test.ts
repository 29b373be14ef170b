import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import type { Envelope } from '../../../../protos/gen/containerd/types/event.js';
import { DockerServer } from '../../../support/docker/docker-server.js';
import { toldEvent, type ToldEvent } from '../../../support/docker/event-lines.js';
import { anyLives, anyRecordedLives, IDS } from '../../../support/docker/random-lives.js';
import { recorded } from '../../../support/docker/recorded-events.js';
import { forwardAll, seedStore } from '../../../support/history-seed.js';
import { runs } from '../../../support/property-runs.js';

const LIVES = { containerd: anyLives, 'containerd and an engine': anyRecordedLives };

/** The filters, and what they mean. */
const FILTERS: readonly (readonly [object, (event: ToldEvent) => boolean])[] = [
  ...IDS.map((id) => [{ container: [id] }, (event: ToldEvent) => isCalled(event, id)] as const),
  [{ event: ['die'] }, ({ action }) => action === 'die'],
  [{ event: ['exec_start'] }, ({ action }) => action.startsWith('exec_start')],
  [{ label: ['exitCode=0'] }, ({ attributes }) => attributes.exitCode === '0'],
  [
    { container: [IDS[3]], event: ['start', 'die'] },
    (event) => isCalled(event, IDS[3]) && ['start', 'die'].includes(event.action),
  ],
];

function isCalled({ id, attributes }: ToldEvent, beginning: string): boolean {
  return id.startsWith(beginning) || attributes.name!.startsWith(beginning);
}

for (const [who, lives] of Object.entries(LIVES)) {
  describe(`one history of the events of ${who}`, () => {
    let directory: string;
    let histories = 0;

    before(() => {
      directory = mkdtempSync(join(tmpdir(), 'foghorn-same-'));
    });
    after(() => {
      rmSync(directory, { recursive: true });
    });

    /** A history of its own for each property. */
    const newStore = (): string => `lmdb:${directory}/${histories++}`;

    async function withServer(store: string, work: (server: DockerServer) => Promise<void>) {
      const server = await DockerServer.start({ store });
      try {
        await work(server);
      } finally {
        await server.stop();
      }
    }

    it('is the same to live clients, to later ones, and after a restart', async () => {
      const property = fc.asyncProperty(lives, async (envelopes: Envelope[]) => {
        const store = newStore();
        let received: readonly string[] = [];
        await withServer(store, async ({ docker, grpc }) => {
          const live = docker.events({ since: '0' });
          await live.head;
          await forwardAll(grpc, envelopes);
          await grpc.forward(recorded({ type: 'daemon', action: 'last', timeNano: 1n }));
          received = await live.when((lines) => lines.some((line) => line.includes('"last"')));
          expect(await docker.history()).to.deep.equal(received);
        });
        await withServer(store, async ({ docker }) => {
          expect(await docker.history()).to.deep.equal(received);
        });
      });
      await fc.assert(property, runs(30));
    }).timeout(60_000);

    it('is the same through filters', async () => {
      const property = fc.asyncProperty(lives, async (envelopes: Envelope[]) => {
        const store = newStore();
        await seedStore(store, envelopes);
        await withServer(store, async ({ docker }) => {
          const all = await docker.history();
          for (const [filters, isWanted] of FILTERS) {
            const wanted = all.filter((line) => isWanted(toldEvent(line)));
            const passed = await docker.history({ filters: JSON.stringify(filters) });
            expect(passed).to.deep.equal(wanted);
          }
        });
      });
      await fc.assert(property, runs(30));
    }).timeout(60_000);
  });
}
