import { FoghornError } from '../../../protocol/errors.js';

/** The history is not the one that a script was called for. The script has done nothing. */
export class HistoryChanged extends FoghornError {
  /** @param how the reason given by lineage.lua */
  constructor(
    location: string,
    readonly how: string,
    options?: ErrorOptions,
  ) {
    super(
      'UNAVAILABLE',
      `the history in ${location} was changed by another client (${how}); try again`,
      options,
    );
  }
}

/** The code at the beginning of a Redis error. */
const CODE = /^[A-Z]+(?= |$)/;
/** The server is there, and accepts no writes for now. */
const BUSY_CODES = new Set([
  'BUSY',
  'CLUSTERDOWN',
  'LOADING',
  'MASTERDOWN',
  'MISCONF',
  'MOVED',
  'NOREPLICAS',
  'READONLY',
  'TRYAGAIN',
  'UNBLOCKED',
]);
const REFUSED_CODES = new Set(['NOAUTH', 'NOPERM', 'WRONGPASS', 'DENIED']);
/** Codes of Node for a certificate that is not trusted, or a server without TLS. */
const TLS_ERROR = /CERT|SELF_SIGNED|VERIFY|ERR_SSL|ERR_TLS|EPROTO/;

/** Whether connecting again can only fail in the same way. */
export function isRefusal(error: Error): boolean {
  const { code } = error as { code?: unknown };
  if (
    REFUSED_CODES.has(codeOf(error)) ||
    /invalid password|without any password/i.test(error.message)
  ) {
    return true;
  }
  return typeof code === 'string' && TLS_ERROR.test(code);
}

/** Whether a translated error means that there was no connection, or that it broke. */
export function isLostConnection(error: unknown): boolean {
  if (!(error instanceof FoghornError) || error.code !== 'UNAVAILABLE') return false;
  return error.cause instanceof Error && error.cause.name !== 'ReplyError';
}

/**
 * Translates an error of ioredis.
 *
 * @param location where the store is
 * @param trouble the reason why there is no connection, if known
 */
export function redisError(error: unknown, location: string, trouble?: Error): FoghornError {
  if (error instanceof FoghornError) return error;
  if (!(error instanceof Error)) return new FoghornError('INTERNAL', String(error));
  const { message } = error;
  const code = codeOf(error);
  const options = { cause: error };
  switch (code) {
    case 'HISTORY':
      return new HistoryChanged(location, message.slice(code.length).trim(), options);
    case 'LOST':
      return new FoghornError(
        'DATA_LOSS',
        `Redis keys of this container were removed from ${location} by another client`,
        options,
      );
    case 'OOM':
      return new FoghornError(
        'RESOURCE_EXHAUSTED',
        `${location} has no memory left: ${message}`,
        options,
      );
  }
  if (REFUSED_CODES.has(code)) {
    return new FoghornError('FAILED_PRECONDITION', `${location} refuses: ${message}`, options);
  }
  if (BUSY_CODES.has(code)) {
    return new FoghornError(
      'UNAVAILABLE',
      `${location} accepts no commands now: ${message}`,
      options,
    );
  }
  if (error.name === 'ReplyError') {
    return new FoghornError('INTERNAL', `${location} rejected a script: ${message}`, options);
  }
  return new FoghornError(
    'UNAVAILABLE',
    `cannot reach ${location}: ${reasonOf(error, trouble)}`,
    options,
  );
}

function codeOf({ message }: Error): string {
  return CODE.exec(message)?.[0] ?? '';
}

const NOT_CONNECTED = /Stream isn't writeable|Connection is closed|max retries|Cluster isn't ready/;

/** Replaces texts about the state of ioredis with the reason for it. */
function reasonOf({ message }: Error, trouble: Error | undefined): string {
  if (!NOT_CONNECTED.test(message)) return message;
  const reason = trouble?.message ?? '';
  return `the connection is down, or nothing answers${reason && ` (${reason})`}`;
}
