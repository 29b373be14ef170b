import { parseAddress } from '../../client/own-programs.js';

/** The address of a Docker engine. */
export interface EngineAddress {
  /** `unix:///path` or `host:port`. */
  readonly text: string;
  /** Connection options for node:http. */
  readonly target:
    { readonly socketPath: string } | { readonly host: string; readonly port: string };
}

/**
 * Parses `unix:///path`, a path alone, `host:port` and `tcp://host:port`, as in DOCKER_HOST.
 *
 * @throws FoghornError INVALID_ARGUMENT for anything else.
 */
export function parseEngineAddress(given: string): EngineAddress {
  const text = given.startsWith('/') ? `unix://${given}` : given.replace(/^tcp:\/\//, '');
  parseAddress(text);
  if (text.startsWith('unix://')) return { text, target: { socketPath: text.slice(7) } };
  const colon = text.lastIndexOf(':');
  const host = text.slice(0, colon).replace(/^\[|\]$/g, '');
  return { text, target: { host, port: text.slice(colon + 1) } };
}
