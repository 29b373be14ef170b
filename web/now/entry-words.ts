import { exitCodeOf, membersOf, shortId, textOf, type ShownEntry } from './entry.js';

/** The colour of an event. */
export type Tone = 'good' | 'bad' | 'warning' | 'neutral';

export interface Words {
  readonly text: string;
  readonly tone: Tone;
}

/** Signals by number, for exit codes above 128. */
const SIGNALS: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  6: 'SIGABRT',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  13: 'SIGPIPE',
  15: 'SIGTERM',
};

const PLAIN: Readonly<Record<string, Words>> = {
  '/tasks/create': { text: 'task created', tone: 'neutral' },
  '/tasks/start': { text: 'started', tone: 'good' },
  '/tasks/oom': { text: 'out of memory', tone: 'bad' },
  '/tasks/paused': { text: 'paused', tone: 'warning' },
  '/tasks/resumed': { text: 'resumed', tone: 'good' },
  '/tasks/checkpointed': { text: 'checkpointed', tone: 'neutral' },
  '/tasks/exec-added': { text: 'exec added', tone: 'neutral' },
  '/tasks/exec-started': { text: 'exec started', tone: 'neutral' },
  '/containers/create': { text: 'created', tone: 'neutral' },
  '/containers/update': { text: 'updated', tone: 'neutral' },
  '/containers/delete': { text: 'removed', tone: 'neutral' },
  '/foghorn/docker-recording': { text: 'an engine is recorded', tone: 'neutral' },
  '/foghorn/docker-container': { text: 'described by its engine', tone: 'neutral' },
  '/foghorn/containerd-container': { text: 'described by containerd', tone: 'neutral' },
  '/foghorn/recorder': { text: 'events may be missing here', tone: 'warning' },
  '/docker/container/oom': { text: 'out of memory', tone: 'bad' },
  '/docker/container/start': { text: 'started', tone: 'good' },
  '/docker/container/create': { text: 'created', tone: 'neutral' },
  '/docker/container/destroy': { text: 'removed', tone: 'neutral' },
};

/** Docker's actions as things that have happened. Others are shown as the engine writes them. */
const ACTIONS: Readonly<Record<string, string>> = {
  attach: 'attached',
  commit: 'committed',
  connect: 'connected',
  create: 'created',
  delete: 'deleted',
  destroy: 'removed',
  detach: 'detached',
  disconnect: 'disconnected',
  export: 'exported',
  import: 'imported',
  load: 'loaded',
  mount: 'mounted',
  pause: 'paused',
  prune: 'pruned',
  pull: 'pulled',
  push: 'pushed',
  rename: 'renamed',
  resize: 'resized',
  restart: 'restarted',
  save: 'saved',
  stop: 'stopped',
  tag: 'tagged',
  unmount: 'unmounted',
  unpause: 'resumed',
  untag: 'untagged',
  update: 'updated',
};

/** Says in words what happened. */
export function wordsOf(entry: ShownEntry): Words {
  const code = exitCodeOf(entry);
  if (code !== undefined) return exitWords(entry, code);
  if (entry.topic === '/docker/container/health_status') return healthWords(entry);
  if (entry.topic.startsWith('/foghorn/observed-')) return observedWords(entry);
  return PLAIN[entry.topic] ?? { text: otherText(entry), tone: 'neutral' };
}

function exitWords({ topic, event }: ShownEntry, code: number): Words {
  const id = textOf(event?.id ?? event?.exec_id);
  const isExec = id !== undefined && id !== textOf(event?.container_id);
  const what = isExec
    ? `exec ${id} exited`
    : topic === '/tasks/delete'
      ? 'task deleted, exited'
      : 'exited';
  return { text: `${what} ${exitText(code)}`, tone: code === 0 ? 'good' : 'bad' };
}

/** An exit code, with the signal that it usually stands for. */
export function exitText(code: number): string {
  const signal = SIGNALS[code - 128];
  return signal === undefined ? `${code}` : `${code} (${signal})`;
}

/** A recorder's later finding, besides an exit code. */
function observedWords({ event }: ShownEntry): Words {
  const { goes_on: running, not_started: failed, lost } = event ?? {};
  if (running !== undefined) return { text: 'is running', tone: 'good' };
  if (failed !== undefined) {
    const { reason } = membersOf(failed);
    return { text: `could not be started: ${textOf(reason) ?? 'unknown reason'}`, tone: 'bad' };
  }
  return { text: `lost: ${textOf(membersOf(lost).reason) ?? 'unknown end'}`, tone: 'bad' };
}

function healthWords({ event }: ShownEntry): Words {
  const health = textOf(event?.action)?.split(': ')[1] ?? 'unknown';
  const tone = health === 'healthy' ? 'good' : health === 'unhealthy' ? 'bad' : 'neutral';
  return { text: health, tone };
}

/** The signal that a container was sent; engines write its number. */
function signalText(signal: string): string {
  return `signal sent: ${SIGNALS[Number(signal)] ?? signal}`;
}

function otherText({ topic, event }: ShownEntry): string {
  const action = textOf(event?.action);
  const type = textOf(event?.type);
  if (!topic.startsWith('/docker/') || action === undefined) return topic;
  const signal = textOf(membersOf(event?.attributes).signal);
  if (action === 'kill' && signal !== undefined) return signalText(signal);
  const happened = ACTIONS[action] ?? action;
  if (type === 'container') return happened;
  const name = textOf(membersOf(event?.attributes).name) ?? textOf(event?.actor_id) ?? '';
  return [type ?? '', shortId(name), happened].filter(Boolean).join(' ');
}
