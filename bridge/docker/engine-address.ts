import { parseAddress } from '../../client/own-programs.js';
import type { EngineAddress } from '../../protocol/engine-address.js';

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
