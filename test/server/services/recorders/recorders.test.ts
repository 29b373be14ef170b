import { expect } from 'chai';
import { connect, events, pack, type Client, type FoghornError } from '../../../../client/index.js';
import type { BringUpToDate } from '../../../../client/own-programs.js';
import type { ObservedExec } from '../../../../protos/gen/foghorn/v1/run.js';
import { eventually } from '../../../support/eventually.js';
import { TestServer } from '../../../support/test-server.js';
import { Container, envelopeOf, type Happening } from '../../../support/task-events.js';

describe('a recorder that is attached', () => {
  let server: TestServer;
  let client: Client;
  const stop = new AbortController();

  before(async () => {
    server = await TestServer.start();
    client = connect({ address: server.addresses[0]! });
  });
  after(async () => {
    stop.abort();
    await client.close();
    await server.stop();
  });

  function attach(answer: BringUpToDate): void {
    const daemon = { kind: 'containerd', address: 'test', namespace: '' };
    void client.attachRecorder(daemon, answer, stop.signal);
  }

  async function happen(...happenings: Happening[]): Promise<void> {
    for (const happening of happenings) await client.forward(envelopeOf(happening));
  }

  it('is asked before a wait answers that nothing runs, and stores what is missing', async () => {
    const c = new Container('c1');
    await happen(c.create(7), c.start(7), c.exit(7, 3));
    let asked: unknown;
    let startIsStored: () => void;
    const started = new Promise<void>((resolve) => (startIsStored = resolve));
    attach(async (container) => {
      asked ??= container;
      // The start of a second run was on its way.
      if (container === undefined) return;
      await happen(c.create(8), c.start(8));
      startIsStored();
    });
    await eventually(async () => {
      const waiting = client.wait({ id: 'c1' });
      // A wait before the recorder is attached is answered with the first run.
      await Promise.race([started, waiting]);
      if (asked !== undefined) await happen(c.exit(8, 5));
      return (await waiting).status === 5;
    });
    expect(asked).to.deep.equal({ namespace: 'default', containerId: 'c1', execId: '' });
  });

  it('is asked about an exec whose end was not reported, and ends a wait for it', async () => {
    const c = new Container('c2');
    await happen(c.create(7), c.start(7), c.execAdded('e1'), c.execAdded('e2'));
    const waits = ['e1', 'e2'].map((exec) =>
      client.wait({ id: 'c2' }, { exec }).then(
        ({ status }) => status,
        (error: unknown) => (error as FoghornError).message,
      ),
    );
    attach(async (asked) => {
      const { containerId = '', execId = '' } = asked ?? {};
      const ends: Record<string, ObservedExec['observation']> = {
        e1: { $case: 'lost', value: { reason: 'nobody knows', lastSeen: undefined } },
        e2: { $case: 'ended', value: { exitStatus: 4, exitedAt: undefined } },
      };
      const observation = ends[execId];
      if (observation === undefined) return;
      const event = pack(events.ObservedExec, { containerId, execId, observation });
      await client.publish({ topic: '/foghorn/observed-exec', event });
    });
    expect(await Promise.all(waits)).to.deep.equal([
      'how exec e1 of container c2 of namespace default ended is lost: nobody knows',
      4,
    ]);
  });
});
