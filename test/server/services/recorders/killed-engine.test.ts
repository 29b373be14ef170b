import { expect } from 'chai';
import { connect, FoghornError, type Client } from '../../../../client/index.js';
import { DaemonAwayError, type BringUpToDate } from '../../../../client/own-programs.js';
import { eventually } from '../../../support/eventually.js';
import { isPending } from '../../../support/pending.js';
import { TestServer } from '../../../support/test-server.js';
import { Container, envelopeOf, type Happening } from '../../../support/task-events.js';

describe('a wait while the engine does not run, which may have been killed during a start', () => {
  let server: TestServer;
  let client: Client;
  let stop: AbortController;
  /** The answer of the engine's recorder. */
  let failure: Error;
  const c = new Container('c1');

  beforeEach(async () => {
    server = await TestServer.start();
    client = connect({ address: server.addresses[0]! });
    stop = new AbortController();
    failure = new DaemonAwayError('the engine does not run');
    await happen(c.create(7), c.start(7), c.exit(7, 3));
    await attach('docker', () => {
      throw failure;
    });
  });
  afterEach(async () => {
    stop.abort();
    await client.close();
    await server.stop();
  });

  async function happen(...happenings: Happening[]): Promise<void> {
    for (const happening of happenings) await client.forward(envelopeOf(happening));
  }

  /** Resolves when the recorder is attached. */
  async function attach(kind: string, answer: () => unknown): Promise<void> {
    let wasAsked = false;
    const bringUpToDate: BringUpToDate = async () => {
      wasAsked = true;
      await answer();
    };
    void client.attachRecorder(
      { kind, address: kind, namespace: 'default' },
      bringUpToDate,
      stop.signal,
    );
    await eventually(async () => {
      const given = new AbortController();
      const waiting = client.wait({ id: 'c1' }, { signal: given.signal }).catch(() => undefined);
      await isPending(waiting, client);
      given.abort();
      return wasAsked;
    });
  }

  it('is answered with the code of the newest run if containerd says that none goes on', async () => {
    await attach('containerd', () => undefined);
    expect((await client.wait({ id: 'c1' })).status).to.equal(3);
  });

  it("is answered with the code of the run that containerd's recorder finds", async () => {
    let isFound = false;
    await attach('containerd', async () => {
      if (!isFound) await happen(c.create(8), c.start(8));
      isFound = true;
    });
    const waiting = client.wait({ id: 'c1' });
    expect(await isPending(waiting, client)).to.equal(true);
    await happen(c.exit(8, 5));
    expect((await waiting).status).to.equal(5);
  });

  it('is not answered while the recorder of the engine cannot store anything', async () => {
    failure = new FoghornError('FAILED_PRECONDITION', 'its spool cannot be used');
    await attach('containerd', () => undefined);
    const waiting = client.wait({ id: 'c1' }, { signal: stop.signal }).catch(() => undefined);
    expect(await isPending(waiting, client)).to.equal(true);
  });

  it('is not answered while containerd cannot say whether a start is under way', async () => {
    await attach('containerd', () => {
      throw new Error('a start may be under way');
    });
    const waiting = client.wait({ id: 'c1' }, { signal: stop.signal }).catch(() => undefined);
    expect(await isPending(waiting, client)).to.equal(true);
  });
});
