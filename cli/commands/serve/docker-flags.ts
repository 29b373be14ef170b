import { Option } from 'commander';
import { parseAddress } from '../../../client/own-programs.js';
import { FoghornError } from '../../../protocol/errors.js';
import type { ServeOptions } from '../../../server/options.js';
import { flag, listFlag } from '../../flags.js';

/** Up to this version, clients get the members of events that older ones of them go by. */
const API_VERSION = '1.51';

/** What the flags for the Docker API say. */
export interface DockerFlags {
  readonly docker?: readonly string[];
  readonly dockerNamespace: string;
  readonly dockerApi: string;
}

/** @param address where it is served unless told otherwise */
export function dockerFlags(address: string): Option[] {
  return [
    listFlag(
      '--docker <ADDR>',
      `where the Docker API is served (repeat, or separate with commas; default: "${address}", and nowhere when --grpc is given)`,
      (text) => {
        parseAddress(text);
        return text;
      },
    ).env('FOGHORN_DOCKER'),
    new Option('--docker-namespace <NAME>', 'the containerd namespace that Docker clients see')
      .env('FOGHORN_DOCKER_NAMESPACE')
      .default('moby'),
    flag('--docker-api <VERSION>', 'the newest version of the Docker API to offer', parseVersion)
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

function parseVersion(text: string): string {
  const [, minor] = /^1\.(\d{2})$/.exec(text) ?? [];
  if (Number(minor) >= 24) return text;
  throw new FoghornError('INVALID_ARGUMENT', 'Expected a version from 1.24 on, such as 1.51.');
}
