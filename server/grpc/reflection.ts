import { loadSync } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { protoIncludeDirs, SERVICE_FILES } from '../../protocol/proto-files.js';
import type { BidiStreamMethod, Method } from '../services/service.js';
import { libraryMethods } from './library-service.js';

/** The versions of the service, which answer alike. */
const PATHS = ['v1', 'v1alpha'].map(
  (version) => `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
);

/**
 * Returns the methods of gRPC's reflection. Descriptors are made at the first call, because that
 * takes a large part of a broker's start and few brokers are asked for them.
 */
export function reflectionMethods(): Method[] {
  let made: ReadonlyMap<string, BidiStreamMethod> | undefined;
  const method = (path: string): BidiStreamMethod => {
    made ??= makeMethods();
    const found = made.get(path);
    if (found === undefined) throw new Error(`expected @grpc/reflection to implement ${path}`);
    return found;
  };
  return PATHS.map((path) => ({
    kind: 'bidi stream',
    path,
    decode: (bytes) => method(path).decode(bytes),
    open: (call, responses) => method(path).open(call, responses),
  }));
}

function makeMethods(): ReadonlyMap<string, BidiStreamMethod> {
  const services = loadSync([...SERVICE_FILES], { includeDirs: protoIncludeDirs() });
  const methods = libraryMethods([new ReflectionService(services)]) as BidiStreamMethod[];
  return new Map(methods.map((method) => [method.path, method]));
}
