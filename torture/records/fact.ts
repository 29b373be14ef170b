/** What an event of the checks tells. No two events tell the same, so a fact names its event. */
export interface Fact {
  readonly namespace: string;
  readonly topic: Topic;
  readonly container: string;
  /** Empty for the container's own process. */
  readonly exec: string;
  /** 0 when it is not told. */
  readonly pid: number;
  /** Exit status; 0 when it is not told. */
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

/** One line of words, for records. */
export function factText({ namespace, topic, container, exec, pid, status }: Fact): string {
  return [namespace, topic, container, exec || NO_EXEC, pid, status].join(' ');
}

/** @throws Error for what `factText` does not write. */
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

/** The run that it tells of, as a key. */
export function runOf({
  namespace,
  container,
  exec,
  pid,
}: Pick<Fact, 'namespace' | 'container' | 'exec' | 'pid'>): string {
  return `${namespace} ${container} ${exec || NO_EXEC} ${pid}`;
}

/** Whether it says how a run of a container's own process ended. */
export function endsRun({ topic, exec }: Fact): boolean {
  return (topic === '/tasks/exit' || topic === '/tasks/delete') && exec === '';
}

/** Whether it says how something ended. */
export function isExit({ topic }: Fact): boolean {
  return topic === '/tasks/exit' || topic === '/tasks/delete';
}

/** Whether retention keeps it longer than the rest. */
export function outlasts({ topic }: { readonly topic?: string | undefined }): boolean {
  return topic !== undefined && LASTING_TOPICS.has(topic);
}

export const LASTING_TOPICS: ReadonlySet<string> = new Set([
  '/tasks/create',
  '/tasks/start',
  '/tasks/exit',
  '/tasks/delete',
]);
