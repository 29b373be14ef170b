import { expect } from 'chai';
import { connect, type Client } from '../../../../client/index.js';
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

  function attach(answer: (container: unknown) => Promise<void>): void {
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
    expect(asked).to.deep.equal({ namespace: 'default', containerId: 'c1' });
  });
});
