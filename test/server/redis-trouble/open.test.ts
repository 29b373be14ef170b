import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import type { ErrorCode } from '../../../protocol/errors.js';
import type { RedisStore } from '../../../server/history/redis/redis-store.js';
import { RedisServer, type RedisServerOptions } from '../../support/redis/redis-server.js';
import { eventually } from '../../support/eventually.js';
import { expectOutput } from '../../support/no-warnings.js';
import { Cleanup } from '../../support/processes/cleanup.js';
import { rejection } from '../../../conformance/store/store-under-test.js';
import { appendTexts, openStore, openWarning } from './stores.js';

describe('opening a history in a Redis', () => {
  const cleanup = new Cleanup();
  afterEach(() => cleanup.run());

  async function start(options?: RedisServerOptions): Promise<RedisServer> {
    const redis = await RedisServer.start(options);
    cleanup.defer(() => redis.stop());
    return redis;
  }

  /** Returns the text of a refusal. Closes a store that was opened nevertheless. */
  async function refusal(opened: Promise<RedisStore>, code: ErrorCode): Promise<string> {
    cleanup.defer(() =>
      opened.then(
        (store) => store.close(),
        () => {},
      ),
    );
    return rejection(opened, code);
  }

  async function expectUsable(url: string, allowEviction?: boolean): Promise<void> {
    const store = await openStore(url, allowEviction);
    cleanup.defer(() => store.close());
    expect(await appendTexts(store, 'a', 'b')).to.deep.equal([1, 2]);
  }

  describe('with a password', () => {
    let redis: RedisServer;
    beforeEach(async () => {
      redis = await start({ args: ['--requirepass', 'open/sesame'] });
    });

    it('works when it is given', () =>
      expectUsable(`redis://:open%2Fsesame@127.0.0.1:${redis.port}`));

    it('is refused with a wrong one, which the error does not repeat', async () => {
      const wrong = openStore(`redis://:shut%2Fsesame@127.0.0.1:${redis.port}`);
      const text = await refusal(wrong, 'FAILED_PRECONDITION');
      expect(text)
        .to.contain(`127.0.0.1:${redis.port}`)
        .and.match(/WRONGPASS|invalid password/);
      expect(text).to.not.contain('sesame');
    });

    it('is refused without one', async () => {
      const text = await refusal(openStore(redis.url), 'FAILED_PRECONDITION');
      expect(text).to.match(/NOAUTH|Authentication required/);
    });
  });

  it('waits for a Redis that is away, and says so once', async () => {
    const redis = await start();
    await redis.kill();
    const warnings: string[] = [];
    const opened = openWarning(redis.url, false, warnings);
    await eventually(() => warnings.length > 0);
    // Several attempts fail meanwhile.
    await delay(500);
    await redis.restart();
    const { store } = await opened;
    cleanup.defer(() => store.close());
    expect(warnings).to.have.length(1);
    expect(warnings[0])
      .to.match(/^cannot reach Redis at .*ECONNREFUSED/)
      .and.match(/; waiting for it for up to 10 s$/);
  });

  it('waits for a Redis that starts', async () => {
    const redis = await start();
    await redis.kill();
    const silent = createServer((socket) => socket.destroy()).listen(redis.port, '127.0.0.1');
    const opened = openWarning(redis.url);
    await once(silent, 'connection');
    silent.close();
    await once(silent, 'close');
    await redis.restart();
    const { store } = await opened;
    cleanup.defer(() => store.close());
    expect(await appendTexts(store, 'a')).to.deep.equal([1]);
  });

  it('waits for a Redis that loads its data', async () => {
    const redis = await start();
    const client = redis.client();
    for (let key = 0; key < 100; key++) await client.set(`key${key}`, 'x'.repeat(1000));
    // Loading takes ten milliseconds for each key, and commands are refused meanwhile.
    const slow = ['--key-load-delay', '10000', '--loading-process-events-interval-bytes', '1024'];
    const restarted = redis.restart(slow);
    const { store } = await openWarning(redis.url);
    cleanup.defer(() => store.close());
    await restarted;
    expect(await appendTexts(store, 'a')).to.deep.equal([1]);
  });

  it('gives up on a Redis that cannot be reached or hangs', async () => {
    const [away, stuck] = [await start(), await start()];
    await away.kill();
    stuck.pause();
    // Concurrently, because each takes the full time limit.
    const texts = await Promise.all(
      [away, stuck].map(({ url }) => refusal(openStore(url), 'UNAVAILABLE')),
    );
    expect(texts[0]).to.contain(`cannot reach Redis at 127.0.0.1:${away.port}`);
    expect(texts[0]).to.contain('ECONNREFUSED');
    expect(texts[1]).to.contain(`cannot reach Redis at 127.0.0.1:${stuck.port}`);
  });

  it('refuses a replica', async () => {
    const master = await start();
    const replica = await start({ args: ['--replicaof', '127.0.0.1', String(master.port)] });
    const text = await refusal(openStore(replica.url), 'FAILED_PRECONDITION');
    expect(text).to.contain('is a replica').and.contain('expected its master');
  });

  describe('that may evict keys', () => {
    let redis: RedisServer;
    beforeEach(async () => {
      redis = await start({ args: ['--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru'] });
    });

    it('is refused', async () => {
      const text = await refusal(openStore(redis.url), 'FAILED_PRECONDITION');
      expect(text).to.contain('maxmemory-policy allkeys-lru').and.contain('expected noeviction');
      expect(text).to.contain('--allow-evicting-redis');
    });

    it('is accepted with the option for it', () => expectUsable(redis.url, true));
  });

  describe('reports its durability', () => {
    const cases = [
      [['--appendonly', 'yes', '--appendfsync', 'always'], 'fsync'],
      [['--appendonly', 'yes', '--appendfsync', 'everysec'], 'second'],
      [['--appendonly', 'yes', '--appendfsync', 'no'], 'os'],
      [['--appendonly', 'no'], 'memory'],
    ] as const;
    for (const [args, durability] of cases) {
      it(`under ${args.join(' ')}`, async () => {
        const store = await openStore((await start({ args })).url);
        cleanup.defer(() => store.close());
        expect(store.durability).to.equal(durability);
      });
    }

    it('again after a restart with other settings, with a warning', async () => {
      const redis = await start();
      const { store, warnings } = await openWarning(redis.url);
      cleanup.defer(() => store.close());
      await redis.restart(['--appendfsync', 'everysec']);
      await eventually(() => store.durability === 'second');
      await eventually(() => warnings.length > 0);
      expect(warnings.join()).to.contain('durability is now second, it was fsync');
    });
  });

  describe('that does not show its settings', () => {
    const ACL = [
      'user default on nopass ~* &* +@all -config',
      'user narrow on >sesame ~{foghorn}:* +@all -config',
      'user blind on >sesame ~{foghorn}:* +@all -config -info',
    ];

    it('is accepted with a warning', async () => {
      const redis = await start({ config: ACL.map((line) => `${line}\n`).join('') });
      for (const url of [redis.url, `redis://narrow:sesame@127.0.0.1:${redis.port}`]) {
        const { store, warnings } = await openWarning(url);
        expect(store.durability).to.equal('second');
        expect(warnings.join()).to.contain('does not show its settings');
        await appendTexts(store, 'a');
        await store.close();
      }
    });

    it('is refused when it does not show its role and version', async () => {
      // ioredis logs why its own check failed.
      expectOutput(/^Skipping the ready check because INFO command fails/);
      const redis = await start({ config: ACL.map((line) => `${line}\n`).join('') });
      const blind = openStore(`redis://blind:sesame@127.0.0.1:${redis.port}`);
      expect(await refusal(blind, 'FAILED_PRECONDITION')).to.match(/NOPERM|permission/);
    });

    it('is refused when it may evict keys', async () => {
      const args = ['--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru'];
      const redis = await start({ config: `${ACL[0]!}\n`, args });
      await refusal(openStore(redis.url), 'FAILED_PRECONDITION');
    });

    it('is refused when access to the keys is denied', async () => {
      const redis = await start({ config: 'user default on nopass ~mine:* &* +@all\n' });
      const text = await refusal(openStore(redis.url), 'FAILED_PRECONDITION');
      expect(text).to.match(/NOPERM|permission/);
    });
  });

  it('refuses a history of another format', async () => {
    const redis = await start();
    const store = await openStore(redis.url);
    await store.close();
    await redis.client().hset('{foghorn}:history', 'format', '99');
    const text = await refusal(openStore(redis.url), 'FAILED_PRECONDITION');
    expect(text).to.contain('format 99');
    await expectUsable(`${redis.url}?prefix=other`);
    await expectUsable(`${redis.url}/1`);
  });
});
