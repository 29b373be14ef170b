import { expect } from 'chai';
import { pino } from 'pino';
import { closeEdges } from '../../server/edges.js';
import { healthRoutes } from '../../server/http/health-routes.js';
import { HttpEdge } from '../../server/http/http-edge.js';
import { Readiness } from '../../server/readiness.js';
import { openListeners } from '../support/open-listeners.js';

const log = pino({ level: 'silent' });

describe('the edges of a broker that drains', () => {
  it('answer health checks until the calls of the others have ended', async () => {
    const ready = new Readiness(log);
    const http = new HttpEdge(
      healthRoutes(
        () => ready.reasons,
        () => [],
      ),
      openListeners(),
      1000,
      log,
    );
    const address = await http.listen('127.0.0.1:0');
    let endCalls: () => void = () => undefined;
    const calls = new Promise<void>((resolve) => (endCalls = resolve));
    const grpc = { listen: () => Promise.resolve(''), close: () => calls };
    ready.drain();
    const closed = closeEdges([
      { name: 'http', edge: http },
      { name: 'grpc', edge: grpc },
    ]);
    const answer = await fetch(`${address}/readyz`);
    expect(answer.status).to.equal(503);
    expect(await answer.json()).to.deep.equal({
      ready: false,
      reasons: [{ source: 'broker', reason: 'the broker is shutting down' }],
      warnings: [],
    });
    endCalls();
    await closed;
    const refused = await fetch(`${address}/readyz`).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(TypeError);
  });

  it('are all closed when one of them fails to', async () => {
    const closed: string[] = [];
    const edge = (name: string) => ({
      listen: () => Promise.resolve(''),
      close: () => {
        closed.push(name);
        return name === 'ttrpc' ? Promise.reject(new Error('stuck')) : Promise.resolve();
      },
    });
    const names = ['grpc', 'ttrpc', 'docker', 'http'] as const;
    const failure = await closeEdges(names.map((name) => ({ name, edge: edge(name) }))).catch(
      (error: unknown) => error,
    );
    expect(failure).to.have.property('message', 'stuck');
    expect(closed).to.deep.equal(names);
  });
});
