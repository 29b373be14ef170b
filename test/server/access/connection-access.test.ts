import { expect } from 'chai';
import { FoghornError } from '../../../protocol/errors.js';
import { Audit } from '../../../server/access/audit.js';
import { trustedCaller } from '../../../server/access/caller.js';
import { ConnectionAccess } from '../../../server/access/connection-access.js';
import { EndingIdentity, type Identity } from '../../../server/access/identity.js';

describe('the identity of a connection', () => {
  const audit = new Audit(() => undefined);
  const identityUntil = (expires: number | undefined): EndingIdentity =>
    new EndingIdentity(trustedCaller('alice'), 'certificate', expires);
  const tokens = { hasRules: false, identifyToken: () => identityUntil(undefined) };
  const connection = (identity: EndingIdentity): ConnectionAccess =>
    new ConnectionAccess(tokens, identity, '10.0.0.5', audit);

  it('counts for its calls while its certificate is valid, and no longer', () => {
    const access = connection(identityUntil(Date.now() + 60_000));
    const { caller, by } = access.identify(undefined) as Identity;
    expect([caller.name, by]).to.deep.equal(['alice', 'certificate']);
    expect(() => connection(identityUntil(Date.now() - 1)).identify(undefined))
      .to.throw(FoghornError)
      .with.property('code', 'UNAUTHENTICATED');
  });

  it('is counted once for each of its tokens, in whatever order they come', () => {
    const counted = new Audit(() => undefined);
    const identities = new Map(
      ['one', 'two'].map((text) => [text, identityUntil(undefined)] as const),
    );
    const known = { hasRules: true, identifyToken: (text: string) => identities.get(text)! };
    const access = new ConnectionAccess(known, undefined, '10.0.0.5', counted);
    for (const text of ['one', 'two', 'one', 'one', 'two']) void access.identify(`Bearer ${text}`);
    expect(counted.verdicts.identified).to.equal(2);
  });
});
