import { expect } from 'chai';
import { connect } from '../../../../client/index.js';
import type { Client } from '../../../../client/index.js';
import type { Envelope } from '../../../../protos/gen/containerd/types/event.js';
import { EngineFeed } from '../../../support/docker/container-feeds.js';
import { DockerServer } from '../../../support/docker/docker-server.js';
import { actionsOf } from '../../../support/docker/event-lines.js';
import { recorded } from '../../../support/docker/recorded-events.js';
import { eventually } from '../../../support/eventually.js';
import { isPending } from '../../../support/pending.js';

const ID = 'c0ffee'.repeat(11).slice(0, 64);
const ENGINE = { kind: 'docker', address: 'test', namespace: 'default' };

describe('Docker clients, while a recorder is behind its engine', () => {
  const feed = new EngineFeed(ID);
  let server: DockerServer;
  let recorder: Client;
  let stop: AbortController;
  /** Events that the recorder stores when it is asked the next time. */
  let pending: Envelope[];

  beforeEach(async () => {
    server = await DockerServer.start();
    recorder = connect({ address: server.server.addresses[0]! });
    stop = new AbortController();
    pending = [];
    let wasAsked = false;
    void recorder.attachRecorder(
      ENGINE,
      async () => {
        wasAsked = true;
        for (const envelope of pending.splice(0)) await recorder.forward(envelope);
      },
      stop.signal,
    );
    // A list asks the recorders, so a question shows that this one is attached.
    await eventually(async () => {
      await server.docker.json('/containers/json');
      return wasAsked;
    });
  });
  afterEach(async () => {
    stop.abort();
    await recorder.close();
    await server.stop();
  });

  it('never get 0 for a container that was removed before it was known to have run', async () => {
    for (const envelope of feed.create()) await recorder.forward(envelope);
    pending = feed.remove();
    const text = await server.docker.wait(ID).text();
    expect(text).to.include('ended was never reported');
  });

  it('get every event up to a time that is still to come', async () => {
    pending = feed.create();
    const until = (Date.now() / 1000 + 0.3).toFixed(3);
    const events = await server.docker.events({ since: '0', until }).toEnd();
    expect(actionsOf(events)).to.deep.equal(['create']);
  });

  it('wait for the next exit, not for one before the request that its engine had missed', async () => {
    const time = BigInt(Date.now() - 60_000) * 1_000_000n;
    const now = new EngineFeed(ID, 'web', time);
    for (const envelope of [...now.create(), ...now.start()]) await recorder.forward(envelope);
    const wait = server.docker.wait(ID, { condition: 'next-exit' });
    await wait.head;
    const answer = wait.text();
    // Asks the recorder, as the wait does.
    await server.docker.json('/containers/json');
    const attributes = new Map([['exitCode', '6']]);
    const die = { action: 'die', actorId: ID, attributes, filledIn: true } as const;
    await recorder.forward(recorded({ ...die, timeNano: time + 10n }));
    expect(await server.docker.wait(ID).text()).to.equal('{"StatusCode":6}\n');
    expect(await isPending(answer, recorder)).to.equal(true);
    for (const envelope of now.start()) await recorder.forward(envelope);
    // A clock that is behind does not make an end of a run an earlier one, which began after it.
    const second = new Map([['exitCode', '9']]);
    await recorder.forward(recorded({ ...die, attributes: second, timeNano: time + 20n }));
    expect(await answer).to.equal('{"StatusCode":9}\n');
  });

  it('wait no longer when a removal before the request is stored after it', async () => {
    for (const envelope of [...feed.create(), ...feed.start(), ...feed.exit(6)]) {
      await recorder.forward(envelope);
    }
    pending = feed.remove();
    const wait = server.docker.wait(ID, { condition: 'next-exit' });
    expect(await wait.text()).to.equal('{"StatusCode":6}\n');
  });
});
