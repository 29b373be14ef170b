import {
  AttachRequest,
  ListOpenRequest,
  ListOpenResponse,
  RecordersService,
} from '../../../protos/gen/foghorn/v1/recorder.js';
import { timestampFromNanos } from '../../../protocol/timestamp.js';
import { checkReads } from '../../access/caller.js';
import type { Broker } from '../../broker/broker.js';
import { checkNamespace } from '../../events/names.js';
import type { Recorders } from '../../recorders/recorders.js';
import type { BidiStreamMethod, Method, ServerStreamMethod } from '../service.js';
import { AttachStream } from './attach-stream.js';
import { GeneratedSource } from '../generated-source.js';
import { openContainers, type OpenContainer } from './open-containers.js';

/** foghorn.v1.Recorders over the broker. */
export function recordersService(broker: Broker, recorders: Recorders): readonly Method[] {
  return [attachMethod(broker, recorders), listOpenMethod(broker)];
}

function attachMethod(broker: Broker, recorders: Recorders): BidiStreamMethod<AttachRequest> {
  return {
    kind: 'bidi stream',
    path: RecordersService.attach.path,
    decode: (bytes) => AttachRequest.decode(bytes),
    open: (call, responses) => new AttachStream(call, responses, recorders, broker.drained),
  };
}

function listOpenMethod(broker: Broker): ServerStreamMethod<ListOpenRequest, OpenContainer> {
  return {
    kind: 'server stream',
    path: RecordersService.listOpen.path,
    decode: (bytes) => ListOpenRequest.decode(bytes),
    open({ namespace }, { caller }) {
      if (namespace !== '') checkNamespace(namespace, 'recorder: ');
      checkReads(caller, namespace === '' ? undefined : namespace);
      return Promise.resolve(new GeneratedSource(openContainers(broker, caller, namespace)));
    },
    encode: (container) => [ListOpenResponse.encode(responseOf(container)).finish()],
  };
}

function responseOf({ key, run, endedPid, docker }: OpenContainer): ListOpenResponse {
  const { namespace, container: containerId } = key;
  const isThere = docker.isKnown && docker.status !== 'removed';
  const startedAt = run?.startedAt ?? run?.createdAt ?? docker.startedAt;
  return {
    container: { namespace, containerId },
    pid: run?.pid ?? 0,
    open: run !== undefined,
    endedPid,
    dockerStatus: isThere ? docker.status : '',
    startedAt: startedAt === undefined ? undefined : timestampFromNanos(startedAt),
  };
}
