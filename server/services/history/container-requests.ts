import type {
  ContainerSelection as SelectionMessage,
  ContainersRequest,
  RunsRequest,
} from '../../../protos/gen/foghorn/v1/containers.js';
import type { Timestamp } from '../../../protos/gen/google/protobuf/timestamp.js';
import { FoghornError } from '../../../protocol/errors.js';
import { nanosFromTimestamp } from '../../../protocol/timestamp.js';
import { checkNamespace } from '../../events/names.js';
import type { ContainerSelection, WantedLabel } from '../../runs/container-selection.js';
import type { ContainerQuery } from '../../runs/containers-at.js';
import type { RunQuery } from '../../runs/runs-between.js';

const EVERYTHING: SelectionMessage = { namespace: '', reference: '', image: '', labels: [] };

/** Checks a ContainersRequest and fills in its defaults. Throws INVALID_ARGUMENT. */
export function containerQuery({
  at,
  selection,
  includeRemoved,
}: ContainersRequest): ContainerQuery {
  return { at: nanosIn(at), selection: selectionIn(selection), includeRemoved };
}

/** Checks a RunsRequest and fills in its defaults. Throws INVALID_ARGUMENT. */
export function runQuery(request: RunsRequest): RunQuery {
  const { failedOnly, includeOpen } = request;
  const since = nanosIn(request.since);
  const until = nanosIn(request.until);
  if (since !== undefined && until !== undefined && since > until) {
    throw new FoghornError('INVALID_ARGUMENT', 'since: expected a time before until');
  }
  return { since, until, failedOnly, includeOpen, selection: selectionIn(request.selection) };
}

function selectionIn(selection = EVERYTHING): ContainerSelection {
  const { namespace, reference, image, labels } = selection;
  if (namespace !== '') checkNamespace(namespace, 'selection: ');
  return {
    namespace: namespace || undefined,
    reference: reference || undefined,
    image: image || undefined,
    labels: labels.map(labelIn),
  };
}

function labelIn(text: string): WantedLabel {
  const end = text.indexOf('=');
  const name = end < 0 ? text : text.slice(0, end);
  if (name === '') {
    throw new FoghornError('INVALID_ARGUMENT', 'labels: expected name or name=value');
  }
  return { name, value: end < 0 ? undefined : text.slice(end + 1) };
}

function nanosIn(time: Timestamp | undefined): bigint | undefined {
  return time && nanosFromTimestamp(time);
}
