import { PassThrough } from 'node:stream';
import Dockerode from 'dockerode';
import { Agent } from 'node:http';
import { connect, type Client } from '../../client/index.js';
import { DockerClient } from '../../test/support/docker/docker-client.js';
import type { Daemons } from './daemons.js';
import { namespaceOf, type Life } from './life.js';
import { uptimeNow } from './truth.js';

/** How a wait is asked for. */
export const WAYS = ['gRPC', 'POST /wait', 'next-exit', 'docker wait', 'dockerode run'] as const;
export type Way = (typeof WAYS)[number];

/** A wait and its answer. Times are seconds since the boot. */
export interface AskedWait {
  readonly way: Way;
  readonly life: Life;
  readonly askedAt: number;
  answeredAt: number | undefined;
  /** The code, or the text of an error. */
  answer: number | string | undefined;
  /** Whether the answer did not come in time, although the container had ended. */
  isLate: boolean;
  /** Gives the wait up. */
  readonly cancel: () => void;
  /** Resolves when it is answered. */
  readonly over: Promise<void>;
}

/** Asks how a container ends. */
export function askWait(daemons: Daemons, life: Life, way: Way): AskedWait {
  const cancelling = new AbortController();
  return followWait(way, life, cancelling, ASKS[way](daemons, life, cancelling.signal));
}

/** Notes when and how a wait is answered. */
export function followWait(
  way: Way,
  life: Life,
  cancelling: AbortController,
  answer: Promise<number>,
): AskedWait {
  const note = (result: number | string): void => {
    wait.answer = result;
    wait.answeredAt = uptimeNow();
  };
  const over = answer.then(note, (error: unknown) => {
    note(error instanceof Error ? error.message : String(error));
  });
  const wait: AskedWait = {
    way,
    life,
    askedAt: uptimeNow(),
    answeredAt: undefined,
    answer: undefined,
    isLate: false,
    cancel: () => {
      cancelling.abort();
    },
    over,
  };
  return wait;
}

type Ask = (daemons: Daemons, life: Life, signal: AbortSignal) => Promise<number>;

const ASKS: Readonly<Record<Way, Ask>> = {
  gRPC: async ({ broker }, life, signal) => {
    const client = connect({ address: broker.address });
    try {
      const subject = { id: life.id!, namespace: namespaceOf(life) };
      // A wait for a container that nobody has seen is one for a container that is to come.
      const isGone = life.removedAt !== undefined;
      if (isGone && !(await isKnown(client, subject))) throw new Error('not known to the history');
      return (await client.wait(subject, { signal })).status;
    } finally {
      await client.close();
    }
  },
  'POST /wait': (daemons, life, signal) => postWait(daemons, life, '', signal),
  'next-exit': (daemons, life, signal) => postWait(daemons, life, 'next-exit', signal),
  'docker wait': async ({ dockerd, dockerSocket }, { id }, signal) => {
    const wait = dockerd.docker('--host', `unix://${dockerSocket}`, 'wait', id!);
    signal.addEventListener('abort', () => {
      wait.signal('SIGKILL');
    });
    const { code } = await wait.exited;
    const [text = ''] = wait.stdout;
    // The command prints 255 or -1 for an answer with an error, and exits with 0.
    if (code === 0 && text !== '255' && text !== '-1') return Number(text);
    throw new Error(`docker wait: ${[text, ...wait.stderr].join(' ')}`);
  },
  'dockerode run': () => Promise.reject(new Error('expected a container to be created')),
};

/** Whether the history has anything about a container, as `foghorn wait` finds out first. */
async function isKnown(
  client: Client,
  container: { readonly id: string; readonly namespace: string },
): Promise<boolean> {
  const read = client.read({ container, start: 'earliest', stopWhenCaughtUp: true, limit: 1 });
  for await (const { kind } of read) if (kind === 'entries') return true;
  return false;
}

async function postWait(
  { dockerSocket }: Daemons,
  { id }: Life,
  condition: string,
  signal: AbortSignal,
): Promise<number> {
  const client = new DockerClient(dockerSocket);
  try {
    const answer = client.wait(id!, condition && { condition });
    signal.addEventListener('abort', () => {
      answer.cancel();
    });
    const { status } = await answer.head;
    const body = await answer.text();
    if (status !== 200) throw new Error(body);
    return codeIn(JSON.parse(body) as WaitAnswer);
  } finally {
    client.close();
  }
}

/** The answer of `POST /wait`. */
interface WaitAnswer {
  readonly StatusCode?: number;
  readonly Error?: { readonly Message: string } | null;
}

/** The exit code in an answer. Throws for an answer that says why there is none. */
function codeIn(answer: WaitAnswer): number {
  const { StatusCode, Error: problem } = answer;
  if (StatusCode === undefined || problem) throw new Error(JSON.stringify(answer));
  return StatusCode;
}

/** Milliseconds between two checks whether dockerode has a connection. */
const CUT_CHECK_MS = 2000;

/** Creates, starts and waits for a container by the whole Docker API; resolves with its code. */
export async function dockerodeRun(
  daemons: Daemons,
  command: string[],
  options: object,
  onCreated: (id: string) => void,
): Promise<number> {
  const agent = new Agent();
  const connection = { socketPath: daemons.wholeSocket, agent };
  const docker = new Dockerode(connection);
  const output = new PassThrough().resume();
  const answer = new Promise<WaitAnswer>((resolve, reject) => {
    // The library does not notice that an answer is cut off.
    const looking = setInterval(() => {
      if (Object.keys(agent.sockets).length > 0) return;
      clearInterval(looking);
      reject(new Error('the answer was cut off'));
    }, CUT_CHECK_MS);
    docker
      .run('busybox:latest', command, output, options, {}, (error: unknown, data: unknown) => {
        if (error) reject(error instanceof Error ? error : new Error(JSON.stringify(error)));
        else resolve(data as WaitAnswer);
      })
      .on('container', ({ id }: { id: string }) => {
        onCreated(id);
      });
  });
  // The library passes an answer with an error on as it is.
  return codeIn(await answer);
}
