import { createHmac } from 'node:crypto';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { FoghornError } from '../../../protocol/errors.js';
import { traceMembers } from '../../../protocol/trace-context.js';
import { version } from '../../../protocol/version.js';
import type { PayloadTypes } from '../../../protocol/payload-types.js';
import { webhookContent, type WebhookContent } from './cloud-event.js';
import { RetryLater, type EventAction } from './event-action.js';
import { isPrivate, lookupPublic, privateError } from './private-addresses.js';

export interface WebhookOptions {
  readonly url: URL;
  readonly mode: 'structured' | 'binary';
  readonly types: PayloadTypes;
  /** Signs requests; undefined for none. */
  readonly secret: string | undefined;
  readonly allowPrivate: boolean;
  /** ms for the whole request. */
  readonly timeout: number;
}

/** Longest time that a receiver may ask to wait, in milliseconds. */
const MAX_RETRY_AFTER = 3_600_000;
/** Largest response that is read, in bytes. */
const MAX_RESPONSE = 64 * 1024;

/** @throws FoghornError INVALID_ARGUMENT for another URL than of HTTP. */
export function parseWebhookUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new FoghornError('INVALID_ARGUMENT', 'Expected an http:// or https:// URL.');
}

/** Posts each event. An answer of 2xx handles it; redirects are not followed. */
export function webhookAction(options: WebhookOptions): EventAction {
  return async (event) => {
    const { headers: attributes, body } = webhookContent(event, options.mode, options.types);
    const content = { headers: { ...traceMembers(event.trace), ...attributes }, body };
    const {
      statusCode = 0,
      statusMessage = '',
      headers,
    } = await post(options, event.cursor, content);
    if (statusCode >= 200 && statusCode < 300) return;
    const text = `HTTP ${statusCode} ${statusMessage}`.trim();
    if (statusCode >= 300 && statusCode < 400) throw new Error(`${text}: redirects are refused`);
    const delay = retryAfter(headers['retry-after']);
    if (delay !== undefined) throw new RetryLater(text, delay);
    throw new Error(text);
  };
}

function post(
  { url, secret, allowPrivate, timeout }: WebhookOptions,
  id: string,
  { headers, body }: WebhookContent,
): Promise<IncomingMessage> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (!allowPrivate && isIP(host) !== 0 && isPrivate(host)) throw privateError(host, host);
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const timestamp = `${Math.floor(Date.now() / 1000)}`;
  const signal = AbortSignal.timeout(timeout);
  return new Promise((resolve, reject) => {
    const request = send(
      url,
      {
        method: 'POST',
        headers: {
          ...headers,
          'content-length': Buffer.byteLength(body),
          'user-agent': `foghorn/${version()}`,
          'webhook-id': id,
          'webhook-timestamp': timestamp,
          ...(secret !== undefined && {
            'webhook-signature': signature(secret, `${id}.${timestamp}.`, body),
          }),
        },
        signal,
        ...(!allowPrivate && { lookup: lookupPublic }),
      },
      (response) => {
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > MAX_RESPONSE) response.destroy();
        });
        response.on('close', () => {
          resolve(response);
        });
        response.on('error', () => undefined);
      },
    );
    request.on('error', (error) => {
      reject(signal.aborted ? new Error(`no answer within ${timeout} ms`) : error);
    });
    request.end(body);
  });
}

/**
 * The signature of Standard Webhooks: HMAC-SHA256 of `id.timestamp.body`. A secret that begins with
 * `whsec_` is base64.
 *
 * @param content is signed joined
 */
export function signature(secret: string, ...content: readonly (string | Uint8Array)[]): string {
  const encoded = /^whsec_(.*)$/.exec(secret)?.[1];
  const key = encoded === undefined ? Buffer.from(secret) : Buffer.from(encoded, 'base64');
  const hmac = createHmac('sha256', key);
  for (const piece of content) hmac.update(piece);
  return `v1,${hmac.digest('base64')}`;
}

/** Milliseconds that a Retry-After header asks for. */
function retryAfter(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(0, ms), MAX_RETRY_AFTER);
}
