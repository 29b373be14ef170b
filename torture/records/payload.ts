import { events, nanosFromTimestamp, timestampFromNanos } from '../../client/index.js';
import type { Any, Entry } from '../../client/index.js';
import { factText, TOPICS } from './fact.js';
import type { Fact, Topic } from './fact.js';
import type { EntryRecord } from './lines.js';

const TYPES: Record<Topic, string> = {
  '/tasks/create': 'containerd.events.TaskCreate',
  '/tasks/start': 'containerd.events.TaskStart',
  '/tasks/exec-added': 'containerd.events.TaskExecAdded',
  '/tasks/exec-started': 'containerd.events.TaskExecStarted',
  '/tasks/exit': 'containerd.events.TaskExit',
  '/tasks/delete': 'containerd.events.TaskDelete',
};

/**
 * Returns the event of a fact.
 *
 * @param time end of the process, in nanoseconds since 1970
 */
export function payloadOf(fact: Fact, time: bigint): Any {
  return { typeUrl: TYPES[fact.topic], value: Buffer.from(encode(fact, time)) };
}

function encode({ topic, container, exec, pid, status }: Fact, time: bigint): Uint8Array {
  const ended = { containerId: container, pid, exitStatus: status };
  const exitedAt = timestampFromNanos(time);
  switch (topic) {
    case '/tasks/create': {
      const { TaskCreate } = events;
      return TaskCreate.encode(TaskCreate.fromPartial({ containerId: container, pid })).finish();
    }
    case '/tasks/start':
      return events.TaskStart.encode({ containerId: container, pid }).finish();
    case '/tasks/exec-added':
      return events.TaskExecAdded.encode({ containerId: container, execId: exec }).finish();
    case '/tasks/exec-started':
      return events.TaskExecStarted.encode({ containerId: container, execId: exec, pid }).finish();
    case '/tasks/exit':
      return events.TaskExit.encode({ ...ended, id: exec || container, exitedAt }).finish();
    case '/tasks/delete':
      return events.TaskDelete.encode({ ...ended, id: exec, exitedAt }).finish();
  }
}

/** @throws Error for an entry that is not one of ours */
export function entryRecord({ cursor, topic, namespace, timestamp, event }: Entry): EntryRecord {
  const known = TOPICS.find((one) => one === topic);
  if (!known || !event || !timestamp) throw new Error(`${cursor}: expected no topic ${topic}`);
  const fact = { namespace, topic: known, ...decode(known, event.value) };
  return [cursor, factText(fact), nanosFromTimestamp(timestamp).toString()];
}

function decode(topic: Topic, value: Uint8Array): Omit<Fact, 'namespace' | 'topic'> {
  const unsaid = { exec: '', pid: 0, status: 0 };
  switch (topic) {
    case '/tasks/create': {
      const { containerId: container, pid } = events.TaskCreate.decode(value);
      return { ...unsaid, container, pid };
    }
    case '/tasks/start': {
      const { containerId: container, pid } = events.TaskStart.decode(value);
      return { ...unsaid, container, pid };
    }
    case '/tasks/exec-added': {
      const { containerId: container, execId: exec } = events.TaskExecAdded.decode(value);
      return { ...unsaid, container, exec };
    }
    case '/tasks/exec-started': {
      const { containerId: container, execId: exec, pid } = events.TaskExecStarted.decode(value);
      return { ...unsaid, container, exec, pid };
    }
    case '/tasks/exit': {
      const { containerId: container, id, pid, exitStatus: status } = events.TaskExit.decode(value);
      return { container, exec: id === container ? '' : id, pid, status };
    }
    case '/tasks/delete': {
      const {
        containerId: container,
        id: exec,
        pid,
        exitStatus: status,
      } = events.TaskDelete.decode(value);
      return { container, exec, pid, status };
    }
  }
}
