import { Empty } from '../../../protos/gen/google/protobuf/empty.js';
import {
  CreateNamespaceRequest,
  CreateNamespaceResponse,
  DeleteNamespaceRequest,
  GetNamespaceRequest,
  GetNamespaceResponse,
  ListNamespacesRequest,
  ListNamespacesResponse,
  NamespacesService,
  UpdateNamespaceRequest,
  UpdateNamespaceResponse,
  type Namespace,
} from '../../../protos/gen/containerd/services/namespaces/v1/namespace.js';
import type { Broker } from '../../broker/broker.js';
import type { Method, UnaryMethod } from '../service.js';
import { Namespaces } from './namespaces.js';

/** containerd.services.namespaces.v1.Namespaces over the broker. */
export function namespacesService(broker: Broker): readonly Method[] {
  const namespaces = new Namespaces(broker);
  return [
    getMethod(namespaces),
    listMethod(namespaces),
    createMethod(namespaces),
    updateMethod(namespaces),
    deleteMethod(namespaces),
  ];
}

function getMethod(namespaces: Namespaces): UnaryMethod<GetNamespaceRequest, GetNamespaceResponse> {
  return {
    kind: 'unary',
    path: NamespacesService.get.path,
    decode: (bytes) => GetNamespaceRequest.decode(bytes),
    handle: async ({ name }, { caller }) => ({ namespace: await namespaces.get(caller, name) }),
    encode: (response) => GetNamespaceResponse.encode(response).finish(),
  };
}

function listMethod(
  namespaces: Namespaces,
): UnaryMethod<ListNamespacesRequest, ListNamespacesResponse> {
  return {
    kind: 'unary',
    path: NamespacesService.list.path,
    decode: (bytes) => ListNamespacesRequest.decode(bytes),
    // containerd ignores the filter, even a malformed one.
    handle: async (_request, { caller }) => ({ namespaces: await namespaces.list(caller) }),
    encode: (response) => ListNamespacesResponse.encode(response).finish(),
  };
}

function createMethod(
  namespaces: Namespaces,
): UnaryMethod<CreateNamespaceRequest, CreateNamespaceResponse> {
  return {
    kind: 'unary',
    path: NamespacesService.create.path,
    decode: (bytes) => CreateNamespaceRequest.decode(bytes),
    async handle({ namespace = NO_NAMESPACE }, { caller }) {
      await namespaces.create(caller, namespace);
      return { namespace };
    },
    encode: (response) => CreateNamespaceResponse.encode(response).finish(),
  };
}

function updateMethod(
  namespaces: Namespaces,
): UnaryMethod<UpdateNamespaceRequest, UpdateNamespaceResponse> {
  return {
    kind: 'unary',
    path: NamespacesService.update.path,
    decode: (bytes) => UpdateNamespaceRequest.decode(bytes),
    async handle({ namespace = NO_NAMESPACE, updateMask }, { caller }) {
      await namespaces.update(caller, namespace, updateMask ?? []);
      return { namespace: undefined };
    },
    encode: (response) => UpdateNamespaceResponse.encode(response).finish(),
  };
}

function deleteMethod(namespaces: Namespaces): UnaryMethod<DeleteNamespaceRequest, Empty> {
  return {
    kind: 'unary',
    path: NamespacesService.delete.path,
    decode: (bytes) => DeleteNamespaceRequest.decode(bytes),
    async handle({ name }, { caller }) {
      await namespaces.delete(caller, name);
      return {};
    },
    encode: (response) => Empty.encode(response).finish(),
  };
}

const NO_NAMESPACE: Namespace = { name: '', labels: new Map() };
