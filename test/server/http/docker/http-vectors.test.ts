import { expect } from 'chai';
import { dockerVectors, vectorsOf } from '../../docker/docker-vectors.js';
import { DockerServer } from '../../../support/docker/docker-server.js';
import { Container, report } from '../../../support/task-events.js';
import { httpVectorsOf } from './http-vectors.js';

describe('vectors over HTTP', () => {
  it('have the expected number of each kind', () => {
    const counts = new Map<string, number>();
    for (const { kind } of dockerVectors) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    expect(Object.fromEntries(counts)).to.include({
      'events-history': 120,
      'events-live': 5,
      'events-content-type': 6,
      'api-version': 5,
      http: 6,
      wait: 13,
      translate: 15,
      attributes: 2,
      limit: 1,
      sequence: 8,
    });
  });

  describe('of requests', () => {
    let server: DockerServer;

    before(async () => {
      server = await DockerServer.start();
    });
    after(() => server.stop());

    for (const vector of httpVectorsOf('http')) {
      it(vector.request, async () => {
        const [method = '', path = ''] = vector.request.split(' ');
        const answer = await server.docker.ask(method, path);
        expect(answer.status).to.equal(vector.status);
        if (vector.message !== undefined) {
          expect(answer.headers['content-type']).to.equal('application/json');
          expect(answer.body).to.equal(`${JSON.stringify({ message: vector.message })}\n`);
        } else expect(answer.body).to.equal(vector.body);
      });
    }

    for (const vector of vectorsOf('api-version')) {
      it(`version ${vector.requested || 'none'}`, async () => {
        const { requested, effective, message } = vector;
        const answer = await server.docker.ask('GET', '/version', {
          ...(requested === '' ? {} : { version: requested }),
        });
        expect(answer.headers['api-version']).to.equal(vector.max);
        if (effective !== undefined) {
          expect(answer.status).to.equal(200);
          expect(JSON.parse(answer.body)).to.include({
            ApiVersion: vector.max,
            MinAPIVersion: vector.min,
          });
          return;
        }
        expect(answer.status).to.equal(400);
        expect(answer.headers['content-type']).to.equal(vector.content_type);
        expect(answer.body).to.equal(`${message}\n`);
      });
    }
  });

  describe('of content types', () => {
    let server: DockerServer;

    before(async () => {
      server = await DockerServer.start({ dockerApiVersion: '1.55' });
      const container = new Container();
      await report(server.grpc, container.start(1), container.exit(1, 0));
    });
    after(() => server.stop());

    for (const { api, accept, expect: contentType, framing } of vectorsOf('events-content-type')) {
      it(`API ${api}, Accept: ${accept || 'none'}`, async () => {
        const answer = await server.docker.ask('GET', '/events', {
          version: api,
          query: { since: '0', stream: 'false' },
          headers: accept === '' ? {} : { accept },
        });
        expect(answer.headers['content-type']).to.equal(contentType);
        expect(framing).to.equal('newline');
        expect(answer.body).to.match(/^\{.*\}\n\{.*\}\n$/);
      });
    }
  });
});
