import { expect } from 'chai';
import { parseEngineAddress } from '../../../../bridge/docker/engine-address.js';
import {
  checkDaemonAddresses,
  checkRecorderAddress,
} from '../../../../cli/commands/serve/recorder-address.js';
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

  it('is refused where its daemon is an address of the broker itself', () => {
    const checkDaemon = (address: string) => () => {
      const daemon = { kind: 'docker', address: parseEngineAddress(address) } as const;
      checkDaemonAddresses([daemon], [SOCKET, 'unix:///run/docker.sock?mask=env', TCP]);
    };
    for (const own of ['/run/docker.sock', '/run/foghorn.sock', `tcp://${TCP}`]) {
      expect(checkDaemon(own))
        .to.throw(FoghornError, 'is an address of this broker itself: expected that of a Docker')
        .with.property('code', 'INVALID_ARGUMENT');
    }
    expect(checkDaemon('/var/run/other.sock')).to.not.throw();
  });
});
