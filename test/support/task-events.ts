import {
  ContainerCreate,
  ContainerDelete,
  ContainerUpdate,
} from '../../protos/gen/containerd/events/container.js';
import * as task from '../../protos/gen/containerd/events/task.js';
import type { Any } from '../../protos/gen/google/protobuf/any.js';
import type { Envelope } from '../../protos/gen/containerd/types/event.js';
import type { TestClient } from './test-client.js';

/** Events of a container, as envelopes in namespace default. */
export interface Happening {
  readonly topic: string;
  readonly event: Any;
}

interface Encoder {
  fromPartial(partial: object): never;
  encode(message: never): { finish(): Uint8Array };
}

/** A generated message type; their signatures have no common form. */
function happening(topic: string, name: string, type: object, fields: object): Happening {
  const encoder = type as unknown as Encoder;
  const value = encoder.encode(encoder.fromPartial(fields)).finish();
  return { topic, event: { typeUrl: `containerd.events.${name}`, value } };
}

/** Envelopes about one container. */
export class Container {
  constructor(readonly id = 'c1') {}

  /** Event of the container itself, not of its task, like the next two. */
  made(): Happening {
    return happening('/containers/create', 'ContainerCreate', ContainerCreate, { id: this.id });
  }

  changed(labels: ReadonlyMap<string, string> = new Map()): Happening {
    const fields = { id: this.id, labels };
    return happening('/containers/update', 'ContainerUpdate', ContainerUpdate, fields);
  }

  removed(): Happening {
    return happening('/containers/delete', 'ContainerDelete', ContainerDelete, { id: this.id });
  }

  create(pid: number): Happening {
    return happening('/tasks/create', 'TaskCreate', task.TaskCreate, { containerId: this.id, pid });
  }

  start(pid: number): Happening {
    return happening('/tasks/start', 'TaskStart', task.TaskStart, { containerId: this.id, pid });
  }

  /** Returns an exit. `exitedAt` is in seconds after 1970. */
  exit(pid: number, exitStatus: number, { id = this.id, exitedAt = 100 } = {}): Happening {
    const fields = { ...this.#end(pid, exitStatus, exitedAt), id };
    return happening('/tasks/exit', 'TaskExit', task.TaskExit, fields);
  }

  delete(pid: number, exitStatus: number, { id = '', exitedAt = 100 } = {}): Happening {
    const fields = { ...this.#end(pid, exitStatus, exitedAt), id };
    return happening('/tasks/delete', 'TaskDelete', task.TaskDelete, fields);
  }

  execAdded(execId: string): Happening {
    const fields = { containerId: this.id, execId };
    return happening('/tasks/exec-added', 'TaskExecAdded', task.TaskExecAdded, fields);
  }

  execStarted(execId: string, pid: number): Happening {
    const fields = { containerId: this.id, execId, pid };
    return happening('/tasks/exec-started', 'TaskExecStarted', task.TaskExecStarted, fields);
  }

  oom(): Happening {
    return happening('/tasks/oom', 'TaskOOM', task.TaskOOM, { containerId: this.id });
  }

  paused(): Happening {
    return happening('/tasks/paused', 'TaskPaused', task.TaskPaused, { containerId: this.id });
  }

  resumed(): Happening {
    return happening('/tasks/resumed', 'TaskResumed', task.TaskResumed, { containerId: this.id });
  }

  checkpointed(): Happening {
    const fields = { containerId: this.id };
    return happening('/tasks/checkpointed', 'TaskCheckpointed', task.TaskCheckpointed, fields);
  }

  #end(pid: number, exitStatus: number, exitedAt: number) {
    const time = { seconds: BigInt(exitedAt), nanos: 0 };
    return { containerId: this.id, pid, exitStatus, exitedAt: time };
  }
}

let made = 0;

/** Returns an envelope unlike all earlier ones: its time is one nanosecond later. */
export function envelopeOf({ topic, event }: Happening, changes: Partial<Envelope> = {}): Envelope {
  const timestamp = { seconds: 1000n, nanos: ++made };
  return { timestamp, namespace: 'default', topic, event, ...changes };
}

/** Forwards envelopes, one after the other. */
export async function report(client: TestClient, ...happenings: Happening[]): Promise<void> {
  for (const each of happenings) await client.forward(envelopeOf(each));
}
