import { status, type ServiceError } from '@grpc/grpc-js';
import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, events, pack, type Client } from '../../../client/index.js';
import { decodeRetryInfo } from '../../../protocol/wire/retry-info.js';
import { ApiClient } from '../../support/api-client.js';
import { appendedOffsets, publishing } from '../../support/append-probe.js';
import { eventually } from '../../support/eventually.js';
import { expectRefusal } from '../../support/refusal.js';
import type { TestClient } from '../../support/test-client.js';
import { TestServer } from '../../support/test-server.js';

const TOKEN = 'fhn_the-token-of-this-test';
const RATE = 20;
const NEXT = { $case: 'nextExit', value: { after: '' } } as const;
const EVENT = pack(events.TaskOOM, events.TaskOOM.create({ containerId: 'c' }));

const RULES = (sha256: string): string => `
roles:
  all: { publish: ['*'], read: ['*'] }
  in: { quota: { events-in: ${RATE} } }
  out: { quota: { events-out: ${RATE} } }
  few: { quota: { calls: 3, subscriptions: 2, filters: 3, waits: 1 } }
  once: { quota: { connections: 1 } }
grants:
  - { role: all, to: ['*'] }
  - { role: in, to: [in, ci] }
  - { role: out, to: [out] }
  - { role: few, to: [few] }
  - { role: once, to: [once] }
tokens: [{ name: ci, sha256: '${sha256}' }]
`;

describe('quotas', function () {
  this.timeout(60_000);

  let directory: string;
  let server: TestServer;
  const opened: Client[] = [];

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'foghorn-quotas-'));
    const access = join(directory, 'access.yaml');
    writeFileSync(access, RULES(createHash('sha256').update(TOKEN).digest('hex')));
    const grpc = ['free', 'in', 'out', 'few', 'once'].map(
      (name) => `${addressOf(name)}?as=${name}`,
    );
    server = await TestServer.start({ access, grpc, docker: [], http: ['127.0.0.1:0'] });
  });

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((client) => client.close()));
  });

  after(async () => {
    await server.stop();
    rmSync(directory, { recursive: true });
  });

  const addressOf = (name: string): string => `unix://${join(directory, name)}.sock`;
  const wire = (name: string): TestClient => server.client(addressOf(name));

  function library(name: string, namespace: string): Client {
    const client = connect({ address: addressOf(name), namespace });
    opened.push(client);
    return client;
  }

  const untilAnswered = (client: TestClient): Promise<void> =>
    eventually(() =>
      client.describe().then(
        () => true,
        () => false,
      ),
    );

  it('refuse events above the rate, say how long to wait, and leave others alone', async () => {
    const client = wire('in');
    let refused: ServiceError | undefined;
    for (let sent = 0; refused === undefined; sent++) {
      expect(sent).to.be.lessThan(100_000);
      await Promise.all(
        Array.from({ length: 2 * RATE }, () =>
          client.publish('/x', undefined).catch((error: unknown) => {
            refused = error as ServiceError;
          }),
        ),
      );
    }
    expect(refused.code).to.equal(status.RESOURCE_EXHAUSTED);
    const [details] = refused.metadata.get('grpc-status-details-bin');
    expect(decodeRetryInfo(details as Buffer)).to.be.within(1, 2000);
    await wire('free').publish('/x', undefined);
  });

  it('let the library store more events than the rate in their order, by itself', async () => {
    const count = 4 * RATE;
    const client = library('in', 'ordered');
    const begun = performance.now();
    for (let wave = 0; wave < 4; wave++) {
      const publications = Array.from({ length: RATE }, (_, index) =>
        client.publish({ topic: `/n/${wave * RATE + index}`, event: EVENT }),
      );
      await Promise.all(publications);
    }
    // A second's worth may be there at the beginning, and the last wave need not be paid for.
    expect(performance.now() - begun).to.be.greaterThan(1000);
    const topics: string[] = [];
    const filters = ['namespace==ordered'];
    for await (const message of library('free', 'x').read({
      filters,
      start: 'earliest',
      stopWhenCaughtUp: true,
    })) {
      if (message.kind === 'entries') topics.push(...message.entries.map(({ topic }) => topic));
    }
    expect(topics).to.deep.equal(Array.from({ length: count }, (_, index) => `/n/${index}`));
  });

  it('hold an Append stream back at the rate, without a refusal', async () => {
    const append = wire('in').append();
    const waves = 4;
    const begun = performance.now();
    for (let wave = 0; wave < waves; wave++) {
      append.send(
        Array.from({ length: RATE }, () => publishing({ namespace: 'held', event: EVENT })),
      );
    }
    append.end();
    const answers = await append.toEnd();
    expect(answers.flatMap(appendedOffsets)).to.have.length(waves * RATE);
    // A second's worth may be there at the beginning, and the last message need not be paid for.
    expect(performance.now() - begun).to.be.greaterThan((waves - 2) * 1000 - 100);
  });

  it('refuse an Append stream that would have to wait long, and read no more of it', async () => {
    const append = wire('in').append();
    const many = 20 * RATE;
    append.send(Array.from({ length: many }, () => publishing({ namespace: 'far', event: EVENT })));
    await append.answers(1);
    // It could not be decoded, which is another error.
    append.send([publishing({ namespace: 'far', event: EVENT })]);
    append.sendBytes(Buffer.from('ffffffff', 'hex'));
    const { code, metadata } = await append.status;
    expect(code).to.equal(status.RESOURCE_EXHAUSTED);
    const [details] = metadata.get('grpc-status-details-bin');
    expect(decodeRetryInfo(details as Buffer)).to.be.within(5000, 20_000);
  });

  it('slow readers down to the rate, without a refusal or a gap', async () => {
    const publisher = library('free', 'paced');
    const reader = wire('out').subscribe(['namespace==paced']);
    await reader.headers;
    const begun = performance.now();
    for (let wave = 0; wave < 3; wave++) {
      await Promise.all(
        Array.from({ length: RATE }, () => publisher.publish({ topic: '/x', event: EVENT })),
      );
      await reader.when(({ length }) => length >= (wave + 1) * RATE);
    }
    expect(performance.now() - begun).to.be.greaterThan(900);
    reader.cancel();
  });

  it('limit subscriptions, their filters, waits and calls until some end', async () => {
    const client = wire('few');
    const first = client.subscribe(['topic==a', 'topic==b']);
    await first.headers;
    expect((await client.subscribe(['topic==a', 'topic==b']).status).code).to.equal(
      status.RESOURCE_EXHAUSTED,
    );
    const container = { namespace: 'default', containerId: 'absent' };
    const giveUp = new AbortController();
    const waiting = client
      .wait({ container, condition: NEXT }, { signal: giveUp.signal })
      .catch(() => undefined);
    await eventually(async () => {
      const second = client.wait({ container, condition: NEXT }, { deadline: Date.now() + 5000 });
      const { code } = (await second.catch((error: unknown) => error)) as ServiceError;
      return code === status.RESOURCE_EXHAUSTED;
    });
    const second = client.subscribe();
    await second.headers;
    await expectRefusal(client.describe(), status.RESOURCE_EXHAUSTED);
    giveUp.abort();
    second.cancel();
    first.cancel();
    await waiting;
    await untilAnswered(client);
  });

  it('limit connections until one is closed', async () => {
    const first = library('once', 'x');
    await first.describe();
    await expectRefusal(wire('once').describe(), status.RESOURCE_EXHAUSTED);
    await first.close();
    const next = wire('once');
    await untilAnswered(next);
  });

  it('answer HTTP with 429 and Retry-After', async () => {
    const api = new ApiClient(server.http);
    const headers = { authorization: `Bearer ${TOKEN}` };
    const event = { namespace: 'default', topic: '/x' };
    const many = Array.from({ length: 100 * RATE }, () => event);
    expect(await api.post('/v1/events', many, headers)).to.have.property('status', 200);
    const refused = await api.post('/v1/events', event, headers);
    expect(refused.status).to.equal(429);
    expect(refused.headers.get('retry-after')).to.match(/^[1-9]\d$/);
    expect(refused.body).to.include({ code: 'RESOURCE_EXHAUSTED' });
  });
});
