import type {
  handleBidiStreamingCall,
  handleServerStreamingCall,
  handleUnaryCall,
  MethodDefinition,
  Server,
  UntypedHandleCall,
} from '@grpc/grpc-js';
import type {
  BidiStreamMethod,
  Method,
  ServerStreamMethod,
  UnaryMethod,
} from '../services/service.js';
import { GrpcJsCall } from './grpc-js-call.js';
import { DuplexResponses } from './duplex-responses.js';
import { statusOf } from './status.js';
import { streamTo, type StreamContext } from './stream.js';

/** Makes grpc-js carry these methods. */
export function addMethods(
  server: Server,
  methods: readonly Method[],
  context: StreamContext,
): void {
  server.addService(
    Object.fromEntries(methods.map((method) => [method.path, definitionOf(method)])),
    Object.fromEntries(methods.map((method) => [method.path, handlerOf(method, context)])),
  );
}

const unchanged = (bytes: Buffer): Buffer => bytes;

function definitionOf(method: Method): MethodDefinition<unknown, Uint8Array> {
  return {
    path: method.path,
    requestStream: method.kind === 'bidi stream',
    responseStream: method.kind !== 'unary',
    requestDeserialize: (bytes) => method.decode(bytes),
    // Handlers encode responses themselves, and a server never does the other two.
    responseSerialize: unchanged as MethodDefinition<unknown, Uint8Array>['responseSerialize'],
    requestSerialize: unchanged as MethodDefinition<unknown, Uint8Array>['requestSerialize'],
    responseDeserialize: unchanged,
  };
}

function handlerOf(method: Method, context: StreamContext): UntypedHandleCall {
  switch (method.kind) {
    case 'unary':
      return unaryHandler(method, context);
    case 'server stream':
      return streamHandler(method, context);
    case 'bidi stream':
      return bidiHandler(method, context);
  }
}

/** For the unary calls that `takeUnaryCalls` leaves to grpc-js. */
function unaryHandler(
  method: UnaryMethod,
  { log }: StreamContext,
): handleUnaryCall<unknown, Uint8Array> {
  return (call, callback) => {
    method.handle(call.request, new GrpcJsCall(call)).then(
      (response) => {
        callback(null, method.encode(response));
      },
      (error: unknown) => {
        callback(statusOf(error, log));
      },
    );
  };
}

function streamHandler(
  method: ServerStreamMethod,
  context: StreamContext,
): handleServerStreamingCall<unknown, Uint8Array> {
  return (call) => {
    void streamTo(call, method, context);
  };
}

function bidiHandler(
  method: BidiStreamMethod,
  { log }: StreamContext,
): handleBidiStreamingCall<unknown, Uint8Array> {
  return (duplex) => {
    const call = new GrpcJsCall(duplex);
    const handler = method.open(call, new DuplexResponses(duplex, call.signal, log));
    duplex.on('data', (request: unknown) => {
      handler.take(request);
    });
    duplex.once('end', () => {
      handler.end();
    });
  };
}
