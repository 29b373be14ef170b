import type { Option } from 'commander';
import type { ServeOptions } from '../../../server/options.js';
import { listFlag } from '../../flags.js';
import { parseListenAddress } from './listen-address.js';

const DEFAULT_ADDRESS = '127.0.0.1:7878';

/** Values of the flags for the HTTP API. */
export interface HttpFlags {
  readonly http?: readonly string[];
}

export function httpFlags(): Option[] {
  return [
    listFlag(
      '--http <ADDR>',
      'address of the HTTP API with health checks, or none (repeatable, or separate with commas; ' +
        `default: "${DEFAULT_ADDRESS}", left out with a warning where it is in use)`,
      parseHttpAddress,
    ).env('FOGHORN_HTTP'),
  ];
}

export function httpOptionsOf({ http }: HttpFlags): Pick<ServeOptions, 'http' | 'httpIsOptional'> {
  // The default must not keep a second broker of a machine from starting.
  if (http === undefined) return { http: [DEFAULT_ADDRESS], httpIsOptional: true };
  return { http: http.filter((address) => address !== 'none'), httpIsOptional: false };
}

/** Takes `:PORT` for a port of this machine: opening the API to a network takes an address. */
function parseHttpAddress(text: string): string {
  if (text === 'none') return text;
  const address = text.startsWith(':') ? `127.0.0.1${text}` : text;
  return parseListenAddress(address);
}
