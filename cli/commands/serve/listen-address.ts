import { parseAddress } from '../../../client/own-programs.js';

/**
 * Checks the form of an address to listen on; the server checks the options behind its question
 * mark. Throws INVALID_ARGUMENT.
 */
export function parseListenAddress(text: string): string {
  const [place = ''] = text.split('?');
  parseAddress(place);
  return text;
}
