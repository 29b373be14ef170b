/** Contents of one event. No two events have the same contents, so a fact identifies its event. */
export interface Fact {
  readonly namespace: string;
  readonly topic: Topic;
  readonly container: string;
  /** Exec id; empty for the container's own process. */
  readonly exec: string;
  /** Process id; 0 when the event carries none. */
  readonly pid: number;
  /** Exit status; 0 when the event carries none. */
  readonly status: number;
}

export const TOPICS = [
  '/tasks/create',
  '/tasks/start',
  '/tasks/exec-added',
  '/tasks/exec-started',
  '/tasks/exit',
  '/tasks/delete',
] as const;

export type Topic = (typeof TOPICS)[number];

const NO_EXEC = '-';

/** Returns a fact as one line of words, for records. */
export function factText({ namespace, topic, container, exec, pid, status }: Fact): string {
  return [namespace, topic, container, exec || NO_EXEC, pid, status].join(' ');
}

/** @throws Error for text that `factText` does not produce */
export function parseFact(text: string): Fact {
  const [namespace, topic, container, exec, pid, status, more] = text.split(' ');
  const known = TOPICS.find((one) => one === topic);
  if (!namespace || !known || !container || !exec || !pid || !status || more !== undefined) {
    throw new Error(
      `${JSON.stringify(text)}: expected "namespace topic container exec pid status"`,
    );
  }
  return {
    namespace,
    topic: known,
    container,
    exec: exec === NO_EXEC ? '' : exec,
    pid: Number(pid),
    status: Number(status),
  };
}

/** Returns a key of the run that a fact belongs to. */
export function runOf({
  namespace,
  container,
  exec,
  pid,
}: Pick<Fact, 'namespace' | 'container' | 'exec' | 'pid'>): string {
  return `${namespace} ${container} ${exec || NO_EXEC} ${pid}`;
}

/** Returns whether a fact ends a run of a container's own process. */
export function endsRun({ topic, exec }: Fact): boolean {
  return (topic === '/tasks/exit' || topic === '/tasks/delete') && exec === '';
}

/** Returns whether a fact ends a process. */
export function isExit({ topic }: Fact): boolean {
  return topic === '/tasks/exit' || topic === '/tasks/delete';
}

/** Returns whether retention keeps the event as a lasting entry. */
export function outlasts({ topic }: { readonly topic?: string | undefined }): boolean {
  return topic !== undefined && LASTING_TOPICS.has(topic);
}

export const LASTING_TOPICS: ReadonlySet<string> = new Set([
  '/tasks/create',
  '/tasks/start',
  '/tasks/exit',
  '/tasks/delete',
]);
