import { parseAddress } from '../../../client/own-programs.js';
import { FoghornError } from '../../../protocol/errors.js';
import type { RecordedAddress } from './engine-flags.js';
import type { ServeOptions } from '../../../server/options.js';

/**
 * Checks that recorders inside a broker can reach it. They have no certificate and no token, so a
 * broker that asks for one over TCP needs a unix socket, too. Throws INVALID_ARGUMENT.
 */
export function checkRecorderAddress({
  grpc,
  tls,
  access,
}: Pick<ServeOptions, 'grpc' | 'tls' | 'access'>): void {
  const isOpen = (address: string): boolean => {
    const [place = '', query = ''] = address.split('?');
    if (parseAddress(place).local) return true;
    return tls === undefined && access === undefined && !new URLSearchParams(query).has('cert');
  };
  if (grpc.some(isOpen)) return;
  throw new FoghornError(
    'INVALID_ARGUMENT',
    `a recorder in this process has no certificate and no token for ${grpc.join(', ')}: ` +
      'expected a unix socket among the addresses of --grpc',
  );
}

/**
 * Checks that no daemon is this broker itself, which would ask itself without end. Throws
 * INVALID_ARGUMENT.
 */
export function checkDaemonAddresses(
  daemons: readonly RecordedAddress[],
  listening: readonly string[],
): void {
  const own = listening.map(comparable);
  const found = daemons.find(({ address }) => own.includes(comparable(address.text)));
  if (found === undefined) return;
  const expected = found.kind === 'docker' ? 'a Docker engine' : 'containerd';
  throw new FoghornError(
    'INVALID_ARGUMENT',
    `${found.address.text} is an address of this broker itself: expected that of ${expected}`,
  );
}

/** An address without the parts that do not tell one socket from another. */
function comparable(address: string): string {
  const [bare = ''] = address.split('?');
  return parseAddress(bare).target;
}
