import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Authority } from '../../test/support/access/authority.js';
import { freePort } from '../../test/support/redis/free-port.js';
import { FOGHORN, startFoghorn } from '../servers/foghorn.js';
import { checkHistory } from '../support/history.js';
import type { Defer } from '../support/resources.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { CONTAINERS, storing, type Store } from './append.js';
import type { BenchOptions } from './options.js';
import type { Row } from './row.js';

const WITHOUT_RULES = { ...FOGHORN, name: 'Foghorn without an access file' } as const;
const ON_UNIX_SOCKET = { ...FOGHORN, name: 'Foghorn on a unix socket without rules' } as const;

/** The rights of the publisher, who is one of two tenants. */
const ACCESS = `
roles:
  bench: { publish: ['bench*', default], read: ['*'], admin: ['*'] }
  other: { publish: ['other*'], read: ['other*'] }
grants:
  - { role: bench, to: [bench] }
  - { role: other, to: [other] }
local: [bench]
`;

/** Storing events with the rights of an access file, beside a broker without one. */
export function appendWithRights(options: BenchOptions): Row {
  return {
    name: 'append-rights',
    work: 'storing events as in `append`, by a caller of an access file',
    unit: 'events/s',
    better: 'more',
    contenders: [
      storing(FOGHORN, options, (defer) => onUnixSocket(options, defer, accessFlags(defer))),
      storing(WITHOUT_RULES, options, (defer) => onUnixSocket(options, defer, [])),
    ],
    targets: [{ kind: 'ratio', peer: WITHOUT_RULES.name, reach: 0.97, stretch: 1 }],
  };
}

/** Storing events over TCP with certificates of both sides, beside a unix socket. */
export function appendOverMutualTls(options: BenchOptions): Row {
  return {
    name: 'append-mtls',
    work: 'storing events as in `append`, over TCP with certificates of both sides and rights',
    unit: 'events/s',
    better: 'more',
    contenders: [
      storing(FOGHORN, options, (defer) => overMutualTls(options, defer)),
      storing(ON_UNIX_SOCKET, options, (defer) => onUnixSocket(options, defer, [])),
    ],
    targets: [{ kind: 'ratio', peer: ON_UNIX_SOCKET.name, reach: 0.5, stretch: 0.8 }],
  };
}

function accessFlags(defer: Defer): readonly string[] {
  const path = join(temporaryDirectory(defer), 'access.yaml');
  writeFileSync(path, ACCESS, { mode: 0o600 });
  return ['--access', path];
}

async function onUnixSocket(
  options: BenchOptions,
  defer: Defer,
  flags: readonly string[],
): Promise<Store> {
  const { pid, address } = await startFoghorn(options, defer, undefined, flags);
  const load = { name: 'publisher', settings: { address, containers: CONTAINERS } };
  return { pid, load, check: (count) => checkHistory(address, count) };
}

async function overMutualTls(options: BenchOptions, defer: Defer): Promise<Store> {
  const authority = new Authority();
  defer(() => {
    authority.remove();
  });
  const { cert, key } = authority.server();
  const tcp = `127.0.0.1:${await freePort()}?cert=${cert}&key=${key}&client_ca=${authority.ca}`;
  const flags = [...accessFlags(defer), '--grpc', tcp];
  const broker = await startFoghorn(options, defer, undefined, flags);
  const tls = { ca: authority.ca, ...authority.client('bench') };
  const [address = ''] = tcp.split('?');
  const load = { name: 'publisher', settings: { address, tls, containers: CONTAINERS } };
  return { pid: broker.pid, load, check: (count) => checkHistory(broker.address, count) };
}
