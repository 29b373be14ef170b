import { expect } from 'chai';
import { FoghornError } from '../../../protocol/errors.js';
import { openStore, publicUrl } from '../../../server/history/open.js';
import {
  isRedisUrl,
  parseRedisUrl,
  locationText,
  type RedisUrl,
} from '../../../server/history/redis/redis-url.js';

const PLAIN: RedisUrl = {
  kind: 'single',
  nodes: [{ host: 'localhost', port: 6379 }],
  masterName: '',
  db: 0,
  username: undefined,
  password: undefined,
  sentinelPassword: undefined,
  tls: undefined,
  prefix: 'foghorn',
};
const NO_FILES = { ca: undefined, cert: undefined, key: undefined };

/** URL → its differences from PLAIN. */
const GOOD: Record<string, Partial<RedisUrl>> = {
  'redis://localhost': {},
  'redis://10.0.0.5:7000/3': { nodes: [{ host: '10.0.0.5', port: 7000 }], db: 3 },
  'redis://[::1]:7000': { nodes: [{ host: '::1', port: 7000 }] },
  'redis://localhost/?db=4': { db: 4 },
  'redis://:secret@localhost': { password: 'secret' },
  'redis://me:p%40%2Fss@localhost': { username: 'me', password: 'p@/ss' },
  'redis://localhost?prefix=other': { prefix: 'other' },
  'rediss://localhost': { tls: NO_FILES },
  'rediss://localhost?ca=/etc/ca.pem&cert=c.pem&key=k.pem': {
    tls: { ca: '/etc/ca.pem', cert: 'c.pem', key: 'k.pem' },
  },
  'redis+cluster://a,b:7001': {
    kind: 'cluster',
    nodes: [
      { host: 'a', port: 6379 },
      { host: 'b', port: 7001 },
    ],
  },
  'redis+sentinel://a:1,b/mymaster?sentinel-password=s&db=2': {
    kind: 'sentinel',
    nodes: [
      { host: 'a', port: 1 },
      { host: 'b', port: 26379 },
    ],
    masterName: 'mymaster',
    sentinelPassword: 's',
    db: 2,
  },
  'rediss+sentinel://a/m': {
    kind: 'sentinel',
    nodes: [{ host: 'a', port: 26379 }],
    masterName: 'm',
    tls: NO_FILES,
  },
};

/** URL → text in the error. */
const BAD: Record<string, RegExp> = {
  'redis:localhost': /expected redis:\/\//,
  'redis://': /expected redis:\/\//,
  'redis+other://localhost': /expected redis:\/\//,
  'redis://a,b': /redis\+sentinel:\/\/ or redis\+cluster:\/\//,
  'redis://localhost:port': /expected HOST or HOST:PORT/,
  'redis://localhost/one': /number of a database/,
  'redis://localhost?timeout=5': /unknown parameter "timeout"/,
  'redis://localhost?ca=x': /expected rediss/,
  'redis://localhost?prefix={a}': /without braces/,
  'redis://localhost?prefix=': /1 to 100 characters/,
  'redis://hunter2@localhost': /USER:PASSWORD or :PASSWORD/,
  'redis://:hunter2%4@localhost': /two hexadecimal digits/,
  'redis://:hunter2/@localhost': /%40 and %2F/,
  'redis://me:@hunter2@localhost': /%40 and %2F/,
  'redis://:hunter2?@localhost': /expected prefix, db/,
  'redis://:x?hunter2@localhost': /unknown parameter: expected prefix/,
  'redis://:hunter2': /expected HOST or HOST:PORT/,
  'redis+sentinel://a:1': /master's name/,
  'redis+cluster://a?db=1': /database 0 only/,
};

describe('a store URL of Redis', () => {
  for (const [url, differences] of Object.entries(GOOD)) {
    it(`accepts ${url}`, () => {
      expect(isRedisUrl(url)).equal(true);
      expect(parseRedisUrl(url)).deep.equal({ ...PLAIN, ...differences });
    });
  }

  for (const [url, message] of Object.entries(BAD)) {
    it(`rejects ${url}, without its secrets in the error`, () => {
      expect(isRedisUrl(url)).equal(true);
      expect(() => parseRedisUrl(url))
        .throws(FoghornError)
        .that.satisfies(({ code, message: text }: FoghornError) => {
          expect(code).equal('INVALID_ARGUMENT');
          expect(text)
            .match(message)
            .not.match(/hunter2/);
          return true;
        });
    });
  }

  it('does not match URLs of other stores', () => {
    for (const url of ['memory:', 'lmdb:redis', 'lmdb:/var/lib/redis://x', 'redisx://y']) {
      expect(isRedisUrl(url), url).equal(false);
      expect(publicUrl(url)).equal(url);
    }
  });

  it('is shown without its secrets', () => {
    expect(publicUrl('redis://me:hunter2@h:1/2?prefix=p')).equal('redis://h:1/2?prefix=p');
    expect(publicUrl('redis+sentinel://:a@h/m?db=1&sentinel-password=b&prefix=p')) //
      .equal('redis+sentinel://h/m?db=1&sentinel-password=***&prefix=p');
  });

  it('is shown without what is secret in it, however it is malformed', async () => {
    for (const url of ['redis://me:a/hunter2@h', 'redis://:a?hunter2@h', 'redis://a@hunter2@h']) {
      expect(publicUrl(url)).equal('redis://h');
    }
    const refusal = await openStore('reddis://me:hunter2@h', () => 0n).catch(
      (error: unknown) => error,
    );
    expect(refusal).instanceOf(FoghornError);
    expect((refusal as FoghornError).message).match(/^unknown store "reddis:\/\/h": expected/);
  });

  it('has a readable name for the location', () => {
    expect(locationText(parseRedisUrl('redis://:x@h'))).equal('Redis at h:6379');
    expect(locationText(parseRedisUrl('redis+cluster://a,b:2'))) //
      .equal('Redis Cluster at a:6379,b:2');
    expect(locationText(parseRedisUrl('redis+sentinel://a/m'))).equal('Redis m of a:26379');
  });
});
