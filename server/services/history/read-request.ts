import { FoghornError } from '../../../protocol/errors.js';
import { isContainerId, MAX_ID_BYTES } from '../../../protocol/identifier.js';
import {
  GapPolicy,
  type ContainerKey,
  type ReadRequest,
} from '../../../protos/gen/foghorn/v1/history.js';
import type {
  ContainerScope,
  SubscriptionOptions,
  SubscriptionStart,
} from '../../broker/read-options.js';
import { checkNamespace } from '../../events/names.js';
import { nanosFromTimestamp } from '../../../protocol/timestamp.js';
import { checkedMaxBytes } from '../entries-within.js';
import type { FilterCompiler } from '../filters.js';

/** Checks a ReadRequest and fills in its defaults. Rejects with INVALID_ARGUMENT. */
export async function readOptions(
  request: ReadRequest,
  compiler: FilterCompiler,
): Promise<SubscriptionOptions> {
  const { filters, container, start, until, stopWhenCaughtUp, limit, gapPolicy, keptExitsAfter } =
    request;
  return {
    filter: await compiler.compile(filters),
    scope: container && { key: containerKey(container), lifecycleOnly: false },
    start: readStart(start, keptExitsAfter),
    until: until && nanosFromTimestamp(until),
    stopWhenCaughtUp,
    limit: limit === 0n ? Infinity : Number(limit),
    onGap: gapPolicyOf(gapPolicy),
    reportsMissedSpans: true,
  };
}

/** Size of the largest entry that a reader takes. Throws INVALID_ARGUMENT for too small a limit. */
export function maxEntryBytes({ maxEntryBytes: bytes }: ReadRequest): number {
  return bytes === 0n ? Infinity : checkedMaxBytes('max_entry_bytes', Number(bytes));
}

/** Throws INVALID_ARGUMENT for a namespace or an id that no container can have. */
export function containerKey({ namespace, containerId }: ContainerKey): ContainerScope['key'] {
  checkNamespace(namespace, 'container: ');
  if (isContainerId(containerId)) return { namespace, container: containerId };
  throw new FoghornError(
    'INVALID_ARGUMENT',
    `container: expected an id of 1 to ${MAX_ID_BYTES} bytes without NUL`,
  );
}

function readStart(start: ReadRequest['start'], keptExitsAfter: string): SubscriptionStart {
  const past = keptExitsAfter === '' ? {} : { keptExitsAfter };
  switch (start?.$case) {
    case 'after':
      return { kind: 'after', cursor: start.value };
    case 'since':
      return { kind: 'since', time: nanosFromTimestamp(start.value), ...past };
    case 'earliest':
      return { kind: 'earliest', ...past };
    case 'now':
    case undefined:
      return { kind: 'now' };
  }
}

function gapPolicyOf(policy: GapPolicy): SubscriptionOptions['onGap'] {
  switch (policy) {
    case GapPolicy.GAP_POLICY_UNSPECIFIED:
    case GapPolicy.GAP_POLICY_FAIL:
      return 'fail';
    case GapPolicy.GAP_POLICY_CONTINUE:
      return 'continue';
    default:
      throw new FoghornError('INVALID_ARGUMENT', `unknown gap policy ${policy as number}`);
  }
}
