import { createHash } from 'node:crypto';
import { Empty } from '../../../protos/gen/google/protobuf/empty.js';
import {
  IntrospectionService,
  ServerResponse,
} from '../../../protos/gen/containerd/services/introspection/v1/introspection.js';
import {
  VersionResponse,
  VersionService,
} from '../../../protos/gen/containerd/services/version/v1/version.js';
import type { Broker } from '../../broker/broker.js';
import type { Method, UnaryMethod } from '../service.js';

/** Revision by which a client can see that it does not talk to containerd. */
const REVISION = 'foghorn';

/**
 * containerd.services.version.v1.Version, and the method of containerd's Introspection service that
 * describes the server: clients ask both before they do anything else.
 */
export function serverServices(broker: Broker, version: string): readonly Method[] {
  return [versionMethod(version), serverMethod(broker)];
}

function versionMethod(version: string): UnaryMethod<Empty, VersionResponse> {
  return {
    kind: 'unary',
    path: VersionService.version.path,
    decode: (bytes) => Empty.decode(bytes),
    handle: () => Promise.resolve({ version, revision: REVISION }),
    encode: (response) => VersionResponse.encode(response).finish(),
  };
}

/** The process is not that of containerd, so its ids are left out. */
function serverMethod(broker: Broker): UnaryMethod<Empty, ServerResponse> {
  return {
    kind: 'unary',
    path: IntrospectionService.server.path,
    decode: (bytes) => Empty.decode(bytes),
    async handle(_request, { caller }) {
      const { epoch } = await broker.describe(caller);
      return { uuid: uuidOf(epoch), pid: 0n, pidns: 0n, deprecations: [] };
    },
    encode: (response) => ServerResponse.encode(response).finish(),
  };
}

/** A UUID of version 8, which identifies a history as containerd's identifies an installation. */
function uuidOf(epoch: string): string {
  const bytes = createHash('sha256').update(epoch).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
