import { problemOf } from './problem.js';

/** A container as the HTTP API writes it. */
export interface ApiContainer {
  readonly namespace: string;
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly state?: string;
  readonly createdAt?: string;
  readonly removedAt?: string;
}

/** One start-to-exit; a time that is not known is absent. */
export interface ApiRun {
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly exitCode?: number;
  readonly lostReason?: string;
  readonly lastSeen?: string;
  readonly failedToStart?: boolean;
  readonly oom?: boolean;
}

export interface ApiContainerRun {
  readonly container: ApiContainer;
  readonly run: ApiRun;
}

/**
 * Streams all runs that are kept, those that still go on too, in portions as they arrive: a history
 * may have a hundred thousand.
 */
export async function* allRuns(signal: AbortSignal): AsyncGenerator<ApiContainerRun[]> {
  const answer = await fetch('/v1/runs?open=true', {
    signal,
    headers: { accept: 'application/x-ndjson' },
  });
  if (!answer.ok || !answer.body) throw new Error(await problemOf(answer));
  const text = answer.body.pipeThrough(new TextDecoderStream());
  let rest = '';
  for await (const piece of text as unknown as AsyncIterable<string>) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    yield lines.filter((line) => line !== '').map((line) => JSON.parse(line) as ApiContainerRun);
  }
  if (rest !== '') yield [JSON.parse(rest) as ApiContainerRun];
}
