import { FoghornError } from '../../../protocol/errors.js';
import { trimmed } from '../trimmed.js';

/** The history is not the one that a script was called for. Nothing was done. */
export class HistoryChanged extends FoghornError {
  /** @param how as lineage.lua says it */
  constructor(
    place: string,
    readonly how: string,
    options?: ErrorOptions,
  ) {
    super(
      'UNAVAILABLE',
      `the history in ${place} was changed by somebody else (${how}); try again`,
      options,
    );
  }
}

/** Redis' own code at the beginning of an error, where it is not the ordinary one. */
const CODE = /^[A-Z]+(?= |$)/;
/** The server is there, and takes no writes for now. */
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
/** Of Node: a certificate that is not trusted, or no TLS at all. */
const TLS_ERROR = /CERT|SELF_SIGNED|VERIFY|ERR_SSL|ERR_TLS|EPROTO/;

/** Whether trying to connect again can only lead to the same. */
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

/** What an error of ioredis means, besides what it says. */
interface Circumstances {
  /** Where a read was to begin. */
  readonly after?: number | undefined;
  /** Why there is no connection, where that was told. */
  readonly trouble?: Error | undefined;
}

/** What an error of ioredis means. @param place where the store is */
export function redisError(
  error: unknown,
  place: string,
  { after = 0, trouble }: Circumstances = {},
): FoghornError {
  if (error instanceof FoghornError) return error;
  if (!(error instanceof Error)) return new FoghornError('INTERNAL', String(error));
  const { message } = error;
  const code = codeOf(error);
  const detail = message.slice(code.length).trim();
  const options = { cause: error };
  switch (code) {
    case 'HISTORY':
      return new HistoryChanged(place, detail, options);
    case 'TRIMMED':
      return trimmed(after, Number(detail));
    case 'LOST':
      return new FoghornError(
        'DATA_LOSS',
        `keys of this container were removed from ${place} by somebody else`,
        options,
      );
    case 'OOM':
      return new FoghornError(
        'RESOURCE_EXHAUSTED',
        `${place} has no memory left: ${message}`,
        options,
      );
  }
  if (REFUSED_CODES.has(code)) {
    return new FoghornError('FAILED_PRECONDITION', `${place} refuses: ${message}`, options);
  }
  if (BUSY_CODES.has(code)) {
    return new FoghornError('UNAVAILABLE', `${place} takes no commands now: ${message}`, options);
  }
  if (error.name === 'ReplyError') {
    return new FoghornError('INTERNAL', `${place} does not understand: ${message}`, options);
  }
  return new FoghornError(
    'UNAVAILABLE',
    `cannot reach ${place}: ${reasonOf(error, trouble)}`,
    options,
  );
}

function codeOf({ message }: Error): string {
  return CODE.exec(message)?.[0] ?? '';
}

const NOT_CONNECTED = /Stream isn't writeable|Connection is closed|max retries|Cluster isn't ready/;

/** ioredis tells how it is set up rather than what happened. */
function reasonOf({ message }: Error, trouble: Error | undefined): string {
  if (!NOT_CONNECTED.test(message)) return message;
  const reason = trouble?.message ?? '';
  return `the connection is down, or nobody answers${reason && ` (${reason})`}`;
}
