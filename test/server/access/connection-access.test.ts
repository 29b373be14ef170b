import { expect } from 'chai';
import { FoghornError } from '../../../protocol/errors.js';
import { STRANGER } from '../../../server/access/caller.js';
import { ConnectionAccess } from '../../../server/access/connection-access.js';
import { EndingIdentity } from '../../../server/access/identity.js';

describe('the identity of a connection', () => {
  const tokens = {
    hasRules: false,
    identifyToken: () => new EndingIdentity(STRANGER, undefined),
  };

  it('counts for its calls while its certificate is valid, and no longer', () => {
    const identity = new EndingIdentity(STRANGER, Date.now() + 60_000);
    const access = new ConnectionAccess(tokens, identity, '10.0.0.5');
    expect(access.identify(undefined)).to.equal(identity);
    const late = new EndingIdentity(STRANGER, Date.now() - 1);
    expect(() => new ConnectionAccess(tokens, late, '10.0.0.5').identify(undefined))
      .to.throw(FoghornError)
      .with.property('code', 'UNAUTHENTICATED');
  });
});
