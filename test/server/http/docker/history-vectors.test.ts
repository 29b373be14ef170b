import { expect } from 'chai';
import { dockerEventJson } from '../../../../protocol/docker-event.js';
import { DockerServer } from '../../../support/docker/docker-server.js';
import { recorded } from '../../../support/docker/recorded-events.js';
import { forwardAll } from '../../../support/history-seed.js';
import { fixture, vectorsOf, type HistoryVector } from '../../docker/docker-vectors.js';

for (const reference of ['@H57', '@F3']) {
  describe(`GET /events over the history ${reference}`, () => {
    const events = fixture(reference);
    const lines = events.map((event) => dockerEventJson(event, true));
    let server: DockerServer;

    before(async () => {
      server = await DockerServer.start();
      await forwardAll(
        server.grpc,
        events.map((event) => recorded(event)),
      );
    });
    after(() => server.stop());

    for (const vector of vectorsOf('events-history').filter((one) => one.events === reference)) {
      it(vector.name, async () => {
        const answer = await server.docker.ask('GET', '/events', { query: vector.query });
        const { status, message, places } = expected(vector);
        expect(answer.status).to.equal(status);
        if (places === undefined) {
          expect(answer.body).to.equal(`${JSON.stringify({ message })}\n`);
        } else expect(answer.body).to.equal(places.map((place) => `${lines[place]}\n`).join(''));
      });
    }
  });
}

/** The answer of dockerd 29.4 and later. */
function expected({ modern, ...older }: HistoryVector) {
  const { status, message, expect: places } = modern ?? older;
  return { status, message, places };
}
