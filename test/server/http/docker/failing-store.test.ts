import { expect } from 'chai';
import { FoghornError } from '../../../../protocol/errors.js';
import type { EventStore } from '../../../../server/history/store.js';
import { EngineFeed } from '../../../support/docker/container-feeds.js';
import { DockerOverStore } from '../../../support/docker/docker-over-store.js';
import { appendAll } from '../../../support/history-append.js';
import { hookReads } from '../../../support/read-hooks.js';

describe('Docker clients of a broker whose store fails for a while', () => {
  let server: DockerOverStore;
  /** Whether containers cannot be read. */
  let fails: boolean;

  beforeEach(async () => {
    fails = false;
    const wrap = (store: EventStore): EventStore =>
      slowKeys(
        hookReads(store, {
          before: (_after, _limit, key) => {
            if (fails && key?.split('\0')[1]?.length === 64)
              throw new FoghornError('UNAVAILABLE', 'the store is away');
          },
        }),
      );
    server = await DockerOverStore.start('memory', { wrap });
    const feeds = ['a', 'b', 'c'].map((digit) => new EngineFeed(digit.repeat(64), `name-${digit}`));
    await appendAll(
      server.parts.store,
      feeds.flatMap((feed) => [...feed.create(), ...feed.start(), ...feed.exit(3)]),
    );
  });
  afterEach(() => server.stop());

  it('receive errors, and answers when it works again', async () => {
    // A rejection without a handler would end the process.
    const unhandled: unknown[] = [];
    const note = (reason: unknown): unknown => unhandled.push(reason);
    process.on('unhandledRejection', note);
    fails = true;
    for (const [method, path] of [
      ['GET', '/containers/json?all=1'],
      ['GET', `/containers/${'a'.repeat(64)}/json`],
      ['GET', '/containers/name-a/json'],
      ['POST', '/containers/name-a/wait'],
      ['POST', `/containers/${'a'.repeat(64)}/wait`],
    ] as const) {
      const answer = await server.docker.ask(method, path);
      expect(answer.status).to.equal(503);
      expect(answer.body).to.equal('{"message":"the store is away"}\n');
    }
    const filters = JSON.stringify({ container: ['a'.repeat(64)] });
    const stream = server.docker.events({ since: '0', stream: 'false', filters });
    expect(await stream.end).to.equal('cut');

    fails = false;
    expect(await server.docker.json('/containers/json?all=1')).to.have.length(3);
    expect(await server.docker.wait('name-a').text()).to.equal('{"StatusCode":3}\n');
    expect(await server.docker.history()).to.have.length(9);
    process.off('unhandledRejection', note);
    expect(unhandled).to.deep.equal([]);
  });
});

/**
 * The store, which lists its keys one by one, as over a network, so that a read may fail meanwhile.
 */
function slowKeys(store: EventStore): EventStore {
  async function* keys(prefix: string): AsyncGenerator<string> {
    for await (const key of store.keys(prefix)) {
      yield key;
      for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
    }
  }
  return new Proxy(store, {
    get: (target, name) =>
      name === 'keys' ? keys : (Reflect.get(target, name, target) as unknown),
  });
}
