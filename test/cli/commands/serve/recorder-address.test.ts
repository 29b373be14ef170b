import { expect } from 'chai';
import { checkRecorderAddress } from '../../../../cli/commands/serve/recorder-address.js';
import { FoghornError } from '../../../../protocol/errors.js';

const TLS = { cert: 'c.pem', key: 'k.pem', clientCa: undefined };
const SOCKET = 'unix:///run/foghorn.sock?as=recorder';
const TCP = '127.0.0.1:7877';

describe('a recorder inside a broker', () => {
  const check =
    (grpc: readonly string[], more: object = {}) =>
    () => {
      checkRecorderAddress({ grpc, tls: undefined, access: undefined, ...more });
    };

  it('is refused where the broker listens on TCP alone and asks who calls', () => {
    for (const refused of [
      check([TCP], { tls: TLS }),
      check([TCP], { access: 'access.yaml' }),
      check([`${TCP}?cert=c.pem&key=k.pem`]),
    ]) {
      expect(refused)
        .to.throw(FoghornError, /^a recorder in this process has no certificate .* of --grpc$/)
        .with.property('code', 'INVALID_ARGUMENT');
    }
  });

  it('works with a unix socket, and with TCP that asks nothing', () => {
    for (const allowed of [
      check([TCP, SOCKET], { tls: TLS, access: 'access.yaml' }),
      check([TCP]),
      check([`${TCP}?cert=c.pem&key=k.pem`, TCP]),
    ]) {
      expect(allowed).to.not.throw();
    }
  });
});
