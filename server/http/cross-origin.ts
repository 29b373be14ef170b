import type { IncomingHttpHeaders } from 'node:http';
import { FoghornError } from '../../protocol/errors.js';
import { quotedExcerpt } from '../../protocol/excerpt.js';
import { isLoopbackHost, type ListenerKind } from '../listen/listen-address.js';

/*
 * A page of any site can send requests from its reader's browser to this machine. The browser names
 * the page's site in `Origin`, and the name by which it found this machine in `Host`. A site whose
 * name leads to 127.0.0.1 for a moment (DNS rebinding) has its own name in both.
 */

/** Returns the refusal for a request that a page of another site has sent; undefined for others. */
export function crossOriginRefusal(
  { host = '', origin }: IncomingHttpHeaders,
  listener: ListenerKind,
): FoghornError | undefined {
  // A browser cannot connect to a socket; a proxy that does has a site of its own.
  if (listener === 'socket') return undefined;
  if (listener === 'loopback' && !isLoopbackHost(withoutPort(host))) {
    return refusal(`Host ${quotedExcerpt(host)}: expected localhost or an address of this machine`);
  }
  if (origin === undefined || originHost(origin) === host.toLowerCase()) return undefined;
  return refusal(
    `Origin ${quotedExcerpt(origin)}: expected the site of the request's Host ${quotedExcerpt(host)}`,
  );
}

function refusal(text: string): FoghornError {
  return FoghornError.refusal('PERMISSION_DENIED', text);
}

function withoutPort(host: string): string {
  return host.replace(/:\d*$/, '');
}

/** Returns undefined for `null`, which sandboxed pages and files have. */
function originHost(origin: string): string | undefined {
  return /^https?:\/\/([^/]+)$/i.exec(origin)?.[1]?.toLowerCase();
}
