import { Option } from 'commander';
import { FoghornError } from '../../../protocol/errors.js';
import type { ServeOptions } from '../../../server/options.js';
import { flag, usage } from '../../flags.js';
import { parseListenAddress } from './listen-address.js';

/** The newest version in which events still have the members that older clients read. */
const API_VERSION = '1.51';

/** Values of the flags for the Docker API. */
export interface DockerFlags {
  readonly docker?: readonly string[];
  readonly dockerNamespace: string;
  readonly dockerApi: string;
}

/** @param address the default address of the Docker API */
export function dockerFlags(address: string): Option[] {
  return [
    new Option(
      '--docker <ADDR>',
      `address of the Docker API, also with rights, as in 'unix:///run/ro.sock?allow=events,containers:read&mask=env' (repeatable, or separate with commas; default: "${address}", or none if --grpc is given)`,
    )
      .argParser((text: string, previous?: string[]) => [
        ...(previous ?? []),
        ...usage(() => dockerAddresses(text)),
      ])
      .env('FOGHORN_DOCKER'),
    new Option('--docker-namespace <NAME>', 'containerd namespace that Docker clients see')
      .env('FOGHORN_DOCKER_NAMESPACE')
      .default('moby'),
    flag('--docker-api <VERSION>', 'newest version of the Docker API to offer', parseVersion)
      .env('FOGHORN_DOCKER_API')
      .default(API_VERSION),
  ];
}

export function dockerOptionsOf({
  docker = [],
  dockerNamespace,
  dockerApi,
}: DockerFlags): Pick<ServeOptions, 'docker' | 'dockerNamespace' | 'dockerApiVersion'> {
  return { docker, dockerNamespace, dockerApiVersion: dockerApi };
}

/** Splits addresses at commas, but not those within the rights of an address. */
function dockerAddresses(text: string): string[] {
  const addresses = text.split(/,(?=unix:|[^,:=?]+:\d+(?:[?,]|$))/);
  for (const address of addresses) parseListenAddress(address);
  return addresses;
}

function parseVersion(text: string): string {
  const [, minor] = /^1\.(\d{2})$/.exec(text) ?? [];
  if (Number(minor) >= 24) return text;
  throw new FoghornError('INVALID_ARGUMENT', 'Expected a version of 1.24 or later, such as 1.51.');
}
