import { expect } from 'chai';
import { eventEnvelope } from '../../bridge/docker/envelopes.js';
import { connect } from '../../client/index.js';
import { DockerEvent } from '../../protos/gen/foghorn/v1/docker.js';
import { Cleanup } from '../support/processes/cleanup.js';
import { RecordedEngine, unixTime } from './recorded-engine.js';

/** Number of events that dockerd remembers. */
const ENGINE_MEMORY = 256;

describe('docker events --since, from long ago', () => {
  const cleanup = new Cleanup();
  let engine: RecordedEngine;

  before(async () => {
    engine = await RecordedEngine.start(cleanup);
  });

  after(() => cleanup.run());

  it('shows the last 300 events, also after SIGKILL, where dockerd remembers 256', async () => {
    const since = unixTime();
    for (let i = 1; i <= 150; i++) {
      await engine.docker('dockerd', 'volume', 'create', `v-${i}`).succeeded();
      await engine.docker('dockerd', 'volume', 'rm', `v-${i}`).succeeded();
    }
    await engine.recorded();
    await engine.broker.end('SIGKILL');
    await engine.startBroker();
    const expected = Array.from({ length: 150 }, (_, i) => [
      `v-${i + 1} create`,
      `v-${i + 1} destroy`,
    ]);
    const reported = async (host: 'foghorn' | 'dockerd'): Promise<string[]> =>
      (await engine.eventsOf(host, since)).map(({ Actor, Action }) => `${Actor.ID} ${Action}`);
    expect((await reported('foghorn')).filter((one) => !one.startsWith('marker-'))).to.deep.equal(
      expected.flat(),
    );
    expect(await reported('dockerd')).to.have.lengthOf(ENGINE_MEMORY);
  });

  it('shows all of 100,000 events, also after SIGKILL', async () => {
    const COUNT = 100_000;
    const client = connect({ address: engine.broker.address });
    const begin = BigInt(Date.now()) * 1_000_000n;
    const stored: Promise<unknown>[] = [];
    for (let i = 0; i < COUNT; i++) {
      const event = DockerEvent.fromPartial({
        type: 'volume',
        action: 'create',
        actorId: `past-${i}`,
        attributes: new Map([['driver', 'local']]),
        scope: 'local',
        timeNano: begin + BigInt(i),
      });
      stored.push(client.forward(eventEnvelope('moby', event)));
      if (stored.length >= 10_000) await Promise.all(stored.splice(0));
    }
    await Promise.all(stored);
    await client.close();
    await engine.broker.end('SIGKILL');
    await engine.startBroker();
    const since = `${begin / 1_000_000_000n}.${(begin % 1_000_000_000n).toString().padStart(9, '0')}`;
    const reported = await engine.eventsOf('foghorn', since);
    const past = reported.filter(({ Actor }) => Actor.ID.startsWith('past-'));
    expect(past.map(({ Actor }) => Actor.ID)).to.deep.equal(
      Array.from({ length: COUNT }, (_, i) => `past-${i}`),
    );
  });
});
