import { credentials, Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { parseAddress } from '../../client/own-programs.js';
import { FoghornError, type ErrorCode } from '../../protocol/errors.js';
import { NamespacesClient } from '../../protos/gen/containerd/services/namespaces/v1/namespace.js';
import { TasksClient } from '../../protos/gen/containerd/services/tasks/v1/tasks.js';
import { Status, type Process } from '../../protos/gen/containerd/types/task/task.js';

/** How long containerd may take for an answer, milliseconds. */
const ANSWER_MS = 5000;

/** A client for the tasks of a containerd. Every failure is a FoghornError. */
export class TaskClient {
  readonly #tasks: TasksClient;
  readonly #namespaces: NamespacesClient;

  /** @param address address of containerd */
  constructor(address: string) {
    const { target } = parseAddress(address);
    const options = { 'grpc.enable_channelz': 0, 'grpc.max_reconnect_backoff_ms': 1000 };
    const insecure = credentials.createInsecure();
    this.#tasks = new TasksClient(target, insecure, options);
    this.#namespaces = new NamespacesClient(target, insecure, options);
  }

  async namespaces(): Promise<string[]> {
    const { namespaces } = await call<{ namespaces: { name: string }[] }>((metadata, by, done) =>
      this.#namespaces.list({ filter: '' }, metadata, by, done),
    );
    return namespaces.map(({ name }) => name);
  }

  async list(namespace: string): Promise<Process[]> {
    const { tasks } = await call<{ tasks: Process[] }>(
      (metadata, by, done) => this.#tasks.list({ filter: '' }, metadata, by, done),
      namespace,
    );
    return tasks;
  }

  /**
   * Returns undefined for a container without a task.
   *
   * @param execId '' for the task's own process, otherwise an exec, which may not be there either
   */
  async get(namespace: string, containerId: string, execId = ''): Promise<Process | undefined> {
    try {
      const { process } = await call<{ process: Process | undefined }>(
        (metadata, by, done) => this.#tasks.get({ containerId, execId }, metadata, by, done),
        namespace,
      );
      return process;
    } catch (error) {
      if (error instanceof FoghornError && error.code === 'NOT_FOUND') return undefined;
      throw error;
    }
  }

  close(): void {
    this.#tasks.close();
    this.#namespaces.close();
  }
}

/** Whether a task runs, as opposed to one that has ended and was not deleted. */
export function isRunning({ status: state }: Process): boolean {
  return state !== Status.STOPPED;
}

/**
 * Whether containerd knows the state of a task. It does not if the task's shim takes too long to
 * answer: process id and exit status are 0 then, whatever the task does.
 */
export function isStateKnown({ status: state }: Process): boolean {
  return state !== Status.UNKNOWN;
}

const CODES: ReadonlyMap<number, ErrorCode> = new Map([
  [status.NOT_FOUND, 'NOT_FOUND'],
  [status.UNIMPLEMENTED, 'UNIMPLEMENTED'],
]);

function call<Response>(
  start: (
    metadata: Metadata,
    options: { deadline: number },
    done: (error: ServiceError | null, response: Response) => void,
  ) => unknown,
  namespace?: string,
): Promise<Response> {
  const metadata = new Metadata();
  if (namespace !== undefined) metadata.set('containerd-namespace', namespace);
  return new Promise((resolve, reject) => {
    const options = { deadline: Date.now() + ANSWER_MS };
    try {
      start(metadata, options, (error, response) => {
        if (error === null) resolve(response);
        else {
          const code = CODES.get(error.code) ?? 'UNAVAILABLE';
          reject(new FoghornError(code, error.details, { cause: error }));
        }
      });
    } catch (error) {
      // grpc-js throws once the client was closed, as it is when the recorder stops.
      reject(new FoghornError('CANCELLED', (error as Error).message, { cause: error }));
    }
  });
}
