import type { MethodDefinition, Server, ServerErrorResponse } from '@grpc/grpc-js';
import { EventEmitter } from 'node:events';
import { codeOfGrpcStatus, FoghornError } from '../../protocol/errors.js';
import type {
  Call,
  MessageSource,
  Method,
  RequestHandler,
  ResponseStream,
} from '../services/service.js';

/*
 * The packages of health and reflection implement their services for a server of grpc-js. This
 * offers them as methods of ours; it knows only as much of grpc-js's calls as these packages use.
 */

/** An implementation that adds itself to a server of grpc-js. */
interface LibraryService {
  addToServer(server: Pick<Server, 'addService'>): void;
}

type AnyDefinition = MethodDefinition<unknown, unknown>;

type Callback = (error: Partial<ServerErrorResponse> | null, response?: unknown) => void;
type UnaryHandler = (call: { request: unknown }, callback: Callback) => void;
type LibraryHandler = (call: LibraryCall) => void;

/** Returns the methods of services that packages implement. */
export function libraryMethods(services: readonly LibraryService[]): Method[] {
  const methods: Method[] = [];
  const addService: Server['addService'] = (definitions, implementation) => {
    for (const [name, definition] of Object.entries(definitions)) {
      const handler = implementation[name] ?? implementation[definition.originalName ?? name];
      methods.push(methodOf(definition as AnyDefinition, handler));
    }
  };
  for (const service of services) service.addToServer({ addService });
  return methods;
}

function methodOf(definition: AnyDefinition, handler: unknown): Method {
  const { path, requestDeserialize: decode, responseSerialize } = definition;
  if (definition.requestStream) return bidiMethod(definition, handler as LibraryHandler);
  if (definition.responseStream) return streamMethod(definition, handler as LibraryHandler);
  return {
    kind: 'unary',
    path,
    decode,
    handle: (request) => call(handler as UnaryHandler, request),
    encode: responseSerialize,
  };
}

function call(handler: UnaryHandler, request: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    handler({ request }, (error, response) => {
      if (error === null) resolve(response);
      else reject(new FoghornError(codeOfGrpcStatus(error.code ?? 2), error.details ?? ''));
    });
  });
}

/** A call as handlers of streams see it: they listen for `data`, `end` and `cancelled`. */
class LibraryCall extends EventEmitter {
  constructor(
    readonly request: unknown,
    readonly write: (response: unknown) => void,
    readonly end: () => void,
  ) {
    super();
  }
}

function streamMethod(definition: AnyDefinition, handler: LibraryHandler): Method {
  const { path, requestDeserialize: decode, responseSerialize } = definition;
  return {
    kind: 'server stream',
    path,
    decode,
    open: (request) => Promise.resolve(new WrittenMessages(handler, request)),
    encode: (message) => [responseSerialize(message)],
  };
}

/** The responses that a handler has written, and the client not yet taken. */
class WrittenMessages implements MessageSource<unknown> {
  onReady: () => void = () => {};
  closed = false;
  readonly #written: unknown[] = [];
  readonly #call: LibraryCall;

  constructor(handler: LibraryHandler, request: unknown) {
    const write = (response: unknown): void => {
      this.#written.push(response);
      this.onReady();
    };
    this.#call = new LibraryCall(request, write, () => {
      this.close();
    });
    handler(this.#call);
  }

  take(): unknown {
    return this.#written.shift();
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.#call.emit('cancelled');
    this.onReady();
  }
}

function bidiMethod(definition: AnyDefinition, handler: LibraryHandler): Method {
  const { path, requestDeserialize: decode, responseSerialize } = definition;
  return {
    kind: 'bidi stream',
    path,
    decode,
    open(_call: Call, responses: ResponseStream): RequestHandler<unknown> {
      let sent = Promise.resolve();
      const write = (response: unknown): void => {
        responses.pause();
        sent = sent.then(() => responses.send(responseSerialize(response)));
        sent.then(
          () => {
            responses.resume();
          },
          (error: unknown) => {
            responses.fail(error);
          },
        );
      };
      const end = (): void => {
        void sent.then(() => {
          responses.end();
        });
      };
      const libraryCall = new LibraryCall(undefined, write, end);
      handler(libraryCall);
      return {
        take: (request) => libraryCall.emit('data', request),
        end: () => libraryCall.emit('end'),
      };
    },
  };
}
