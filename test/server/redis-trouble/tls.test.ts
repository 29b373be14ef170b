import { expect } from 'chai';
import { Certificates } from '../../support/redis/certificates.js';
import { freePort } from '../../support/redis/free-port.js';
import { RedisServer } from '../../support/redis/redis-server.js';
import { rejection } from '../../../conformance/store/store-under-test.js';
import { appendTexts, openStore } from './stores.js';

describe('a history in a Redis with TLS', () => {
  let certificates: Certificates;
  let redis: RedisServer;
  let host: string;

  before(async () => {
    certificates = Certificates.make();
    const port = await freePort();
    host = `127.0.0.1:${port}`;
    const { ca, cert, key } = certificates;
    const files = ['--tls-cert-file', cert, '--tls-key-file', key, '--tls-ca-cert-file', ca];
    const args = ['--tls-port', String(port), ...files, '--tls-auth-clients', 'optional'];
    redis = await RedisServer.start({ args });
  });
  after(async () => {
    await redis.stop();
    certificates.remove();
  });
  afterEach(() => redis.client().flushall());

  async function expectUsable(parameters: Record<string, string>): Promise<void> {
    const store = await openStore(`rediss://${host}?${new URLSearchParams(parameters).toString()}`);
    try {
      expect(await appendTexts(store, 'a', 'b')).to.deep.equal([1, 2]);
    } finally {
      await store.close();
    }
  }

  it('is used when its authority is named', () => expectUsable({ ca: certificates.ca }));

  it('is used with a certificate of our own', () => {
    const { ca, cert, key } = certificates;
    return expectUsable({ ca, cert, key });
  });

  it('is refused when another authority is named', async () => {
    const opened = openStore(`rediss://${host}?ca=${certificates.otherCa}`);
    const text = await rejection(opened, 'FAILED_PRECONDITION');
    expect(text)
      .to.contain(host)
      .and.match(/certificate/);
  });

  it('is refused when no authority is named and the certificate is not publicly trusted', async () => {
    const text = await rejection(openStore(`rediss://${host}`), 'FAILED_PRECONDITION');
    expect(text)
      .to.contain(host)
      .and.match(/certificate/);
  });

  it('is refused with the name of a missing file', async () => {
    const opened = openStore(`rediss://${host}?ca=/nowhere/ca.crt`);
    expect(await rejection(opened, 'FAILED_PRECONDITION')).to.contain(
      'cannot read /nowhere/ca.crt',
    );
  });
});
