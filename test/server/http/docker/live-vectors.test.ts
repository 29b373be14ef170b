import { expect } from 'chai';
import { dockerEventJson } from '../../../../protocol/docker-event.js';
import { DockerServer } from '../../../support/docker/docker-server.js';
import { recorded } from '../../../support/docker/recorded-events.js';
import { forwardAll } from '../../../support/history-seed.js';
import { fixture } from '../../docker/docker-vectors.js';
import { httpVectorsOf } from './http-vectors.js';

/** Published while a client listens. */
const LIVE = { action: 'top', actorId: 'live', timeNano: 1n };

describe('GET /events, live', () => {
  let server: DockerServer;

  beforeEach(async () => {
    server = await DockerServer.start();
  });
  afterEach(() => server.stop());

  for (const vector of httpVectorsOf('events-live')) {
    it(vector.name, async () => {
      const events = vector.events === undefined ? [] : fixture(vector.events);
      await forwardAll(
        server.grpc,
        events.map((event) => recorded(event)),
      );
      const stream = server.docker.events(withTimes(vector.query));
      const { status } = await stream.head;
      expect(status).to.equal(vector.expect_status ?? 200);
      await server.grpc.forward(recorded(LIVE));
      const replayed = (vector.expect_replayed ?? []).map((place) => events[place]!);
      const received = await stream.when(({ length }) => length > replayed.length);
      expect(received.slice(0, -1)).to.deep.equal(
        replayed.map((event) => dockerEventJson(event, true)),
      );
      expect(received.at(-1)).to.include('"Action":"top"');
      const endsSoon = vector.query.until === '<now+1.5>';
      if (endsSoon) expect(await stream.toEnd()).to.have.length(received.length);
      else stream.cancel();
    });
  }
});

/** Replaces `<now+1.5>` and the like by times. */
function withTimes(query: Readonly<Record<string, string>>): Record<string, string> {
  const now = Date.now() / 1000;
  const fill = (text: string): string =>
    text.replace(/^<now\+(.+)>$/, (_, seconds) => (now + Number(seconds)).toFixed(3));
  return Object.fromEntries(Object.entries(query).map(([name, text]) => [name, fill(text)]));
}
