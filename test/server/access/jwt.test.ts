import { status } from '@grpc/grpc-js';
import { expect } from 'chai';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT, type JWK } from 'jose';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JwtVerifier } from '../../../server/access/jwt.js';
import { eventually } from '../../support/eventually.js';
import { expectRefusal } from '../../support/refusal.js';
import type { TestClient } from '../../support/test-client.js';
import { TestServer } from '../../support/test-server.js';

const ALGORITHMS = ['RS256', 'ES256', 'EdDSA'] as const;
const [FILE_ISSUER, URL_ISSUER] = ['https://file.example.org', 'https://url.example.org'];
const AUDIENCE = 'foghorn';
/** Difference of clocks that the broker allows, in seconds. */
const LEEWAY_S = 60;

type Key = Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];

interface IssuerKey {
  readonly alg: string;
  readonly kid: string;
  readonly key: Key;
  readonly pem: string;
  readonly jwk: JWK;
}

async function makeKey(alg: string, kid = alg): Promise<IssuerKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg);
  const jwk = { ...(await exportJWK(publicKey)), kid, alg };
  return { alg, kid, key: privateKey, pem: await exportSPKI(publicKey), jwk };
}

const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;

describe('JWTs', () => {
  let directory: string;
  let issuerOfKeys: Server;
  let askedForKeys = 0;
  let keysAtUrl: readonly IssuerKey[];
  let keys: readonly IssuerKey[];
  let server: TestServer;
  let client: TestClient;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'foghorn-jwt-'));
    keys = await Promise.all(ALGORITHMS.map((alg) => makeKey(alg)));
    keysAtUrl = [await makeKey('ES256', 'at-url')];
    issuerOfKeys = createServer((_request, response) => {
      askedForKeys += 1;
      response.end(keySet(keysAtUrl));
    }).listen(0, '127.0.0.1');
    await once(issuerOfKeys, 'listening');
    const { port } = issuerOfKeys.address() as AddressInfo;
    writeFileSync(file('keys.json'), keySet(keys));
    writeFileSync(
      file('access.yaml'),
      `
roles: { a: { publish: [a], read: [a] }, b: { publish: [b], read: [b] } }
grants: [{ role: a, to: [alice] }, { role: b, to: ['group:team-b'] }]
local: []
jwt:
  - { issuer: ${FILE_ISSUER}, audience: ${AUDIENCE}, keys: ${file('keys.json')} }
  - issuer: ${URL_ISSUER}
    audience: ${AUDIENCE}
    keys: http://127.0.0.1:${port}/keys
    name: email
    groups: teams
`,
    );
    server = await TestServer.start({ access: file('access.yaml'), docker: [] });
    client = server.client();
  });

  after(async () => {
    await server.stop();
    issuerOfKeys.close();
    rmSync(directory, { recursive: true });
  });

  const file = (name: string): string => join(directory, name);
  const keySet = (of: readonly IssuerKey[]): string =>
    JSON.stringify({ keys: of.map(({ jwk }) => jwk) });

  function tokenOf({ alg, kid, key }: IssuerKey, claims: Record<string, unknown> = {}) {
    const all = { iss: FILE_ISSUER, aud: AUDIENCE, sub: 'alice', exp: inSeconds(600), ...claims };
    return new SignJWT(all).setProtectedHeader({ alg, kid }).sign(key);
  }

  const publish = (token: string, namespace: string): Promise<void> =>
    client.publish('/x', undefined, {
      'containerd-namespace': namespace,
      authorization: `Bearer ${token}`,
    });

  const refused = (token: string): Promise<string> =>
    expectRefusal(publish(token, 'a'), status.UNAUTHENTICATED);

  for (const [index, alg] of ALGORITHMS.entries()) {
    it(`give a name and groups, signed with ${alg}`, async () => {
      const key = keys[index]!;
      await publish(await tokenOf(key), 'a');
      await expectRefusal(publish(await tokenOf(key), 'b'), status.PERMISSION_DENIED);
      await publish(await tokenOf(key, { sub: 'bob', groups: ['team-b'] }), 'b');
    });
  }

  it('give the claims that the access file names, with keys from a URL that is asked once', async () => {
    const key = keysAtUrl[0]!;
    const claims = { iss: URL_ISSUER, sub: 'other', email: 'alice', teams: ['team-b'] };
    await publish(await tokenOf(key, claims), 'a');
    await publish(await tokenOf(key, { ...claims, jti: '2' }), 'b');
    expect(askedForKeys).to.equal(1);
  });

  it('count for as long as the clocks may differ', async () => {
    const [key] = keys as [IssuerKey];
    await publish(await tokenOf(key, { exp: inSeconds(-LEEWAY_S / 2) }), 'a');
    await publish(await tokenOf(key, { nbf: inSeconds(LEEWAY_S / 2) }), 'a');
    await refused(await tokenOf(key, { exp: inSeconds(-LEEWAY_S - 5) }));
    await refused(await tokenOf(key, { nbf: inSeconds(10 * LEEWAY_S) }));
  });

  it('are refused with one text, whichever part is wrong', async () => {
    const [key, other] = keys as [IssuerKey, IssuerKey];
    const good = await tokenOf(key);
    const [head = '', body = '', signature = ''] = good.split('.');
    const forged = Buffer.from(JSON.stringify({ iss: FILE_ISSUER, sub: 'root' }));
    const texts = new Set<string>();
    const claims = { iss: FILE_ISSUER, aud: AUDIENCE, sub: 'alice', exp: inSeconds(600) };
    for (const token of [
      `${head}.${forged.toString('base64url')}.${signature}`,
      `${head}.${body}.${Buffer.alloc(256).toString('base64url')}`,
      await tokenOf({ ...key, kid: 'unknown' }),
      await tokenOf({ ...other, kid: key.kid }),
      await tokenOf(await makeKey(key.alg, key.kid)),
      await tokenOf(key, { aud: 'another-service' }),
      await tokenOf(key, { iss: 'https://another.example.org' }),
      await tokenOf(key, { iss: URL_ISSUER }),
      await tokenOf(key, { exp: undefined }),
      await tokenOf(key, { sub: '' }),
      new UnsecuredJWT(claims).encode(),
      // A verifier that lets the token choose the algorithm takes its public key for a secret.
      await new SignJWT(claims)
        .setProtectedHeader({ alg: 'HS256', kid: key.kid })
        .sign(Buffer.from(key.pem)),
    ]) {
      texts.add(await refused(token));
    }
    expect([...texts]).to.deep.equal([
      'the caller is not identified: expected a valid client certificate or bearer token',
    ]);
    await publish(good, 'a');
  });

  it('end their streams when they expire', async () => {
    const [key] = keys as [IssuerKey];
    // On a slow machine, a token may have expired before its stream has begun.
    for (let seconds = 2; ; seconds *= 2) {
      const token = await tokenOf(key, { exp: inSeconds(seconds - LEEWAY_S) });
      const stream = client.subscribe([], { authorization: `Bearer ${token}` });
      const hasBegun = await stream.headers.then(
        () => true,
        () => false,
      );
      expect((await stream.status).code).to.equal(status.UNAUTHENTICATED);
      if (hasBegun) return;
    }
  });

  it('are verified with the new keys of a file that was replaced', async () => {
    const next = await makeKey('ES256', 'next');
    const token = await tokenOf(next);
    writeFileSync(file('keys.json'), keySet([...keys, next]));
    // The old keys are used for up to 2 s; each attempt counts as a failure until then.
    await eventually(() =>
      publish(token, 'a').then(
        () => true,
        () => new Promise((resolve) => setTimeout(resolve, 500, false)),
      ),
    );
  });

  it('are void once their key is gone, also for streams that are open', async () => {
    const lost = await makeKey('ES256', 'lost');
    writeFileSync(file('keys.json'), keySet([...keys, lost]));
    const [token, other] = [await tokenOf(lost), await tokenOf(keys[0]!)];
    await eventually(() =>
      publish(token, 'a').then(
        () => true,
        () => new Promise((resolve) => setTimeout(resolve, 500, false)),
      ),
    );
    const [stream, otherStream] = [token, other].map((text) =>
      client.subscribe([], { authorization: `Bearer ${text}` }),
    );
    await Promise.all([stream!.headers, otherStream!.headers]);
    writeFileSync(file('keys.json'), keySet(keys));
    expect((await stream!.status).code).to.equal(status.UNAUTHENTICATED);
    await refused(token);
    await publish(other, 'a');
    otherStream!.cancel();
  });

  it('are verified again when the keys at a URL have changed, and not when it is away', async () => {
    const lost = await makeKey('ES256', 'lost-at-url');
    let answer: string | undefined = keySet([lost]);
    const away = createServer((_request, response) => {
      response.writeHead(answer === undefined ? 503 : 200).end(answer);
    }).listen(0, '127.0.0.1');
    await once(away, 'listening');
    const url = `http://127.0.0.1:${(away.address() as AddressInfo).port}/keys`;
    const claims = { nameClaim: 'sub', groupsClaim: 'groups' };
    const issuer = { issuer: FILE_ISSUER, audience: AUDIENCE, keys: url, ...claims };
    const verifier = new JwtVerifier([issuer]);
    const token = await tokenOf(lost);
    const { now } = Date;
    try {
      await verifier.verify(token);
      answer = undefined;
      Date.now = () => now() + 100_000;
      expect(await verifier.issuersWithOtherKeys()).to.deep.equal([]);
      answer = keySet(keys);
      expect(await verifier.issuersWithOtherKeys()).to.deep.equal([issuer]);
      expect(await verifier.issuersWithOtherKeys()).to.deep.equal([]);
      await verifier.verify(token).then(
        () => expect.fail('its key is gone'),
        () => undefined,
      );
    } finally {
      Date.now = now;
      away.close();
    }
  });
});
