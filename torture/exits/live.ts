import { setTimeout as delay } from 'node:timers/promises';
import Dockerode from 'dockerode';
import { dockerodeRun, followWait, type AskedWait } from './asked-wait.js';
import type { Daemons } from './daemons.js';
import type { Life } from './life.js';
import { readTruth, truthfulScript, uptimeNow } from './truth.js';

/** Path inside containers of the directory that they write to. */
const INSIDE = '/truth';
const IMAGE = 'busybox:latest';

/** Milliseconds between two attempts at a daemon that is away, and how long they go on. */
const RETRY_MS = 250;
const PATIENCE_MS = 60_000;

/** Longest time that a killed container runs before, seconds. */
const KILL_AFTER = 2;

/** Lives of containers of the daemons. */
export class Living {
  readonly #engine: Dockerode;

  /** @param directory where containers write the truth */
  constructor(
    private readonly daemons: Daemons,
    private readonly directory: string,
  ) {
    this.#engine = new Dockerode({ socketPath: daemons.dockerd.socket });
  }

  /** Lives a life to its end. Resolves with the wait that belongs to it, if any. */
  async live(life: Life, onWait: (wait: AskedWait) => void): Promise<void> {
    await delay(life.from * 1000);
    try {
      if (life.kind === 'ctr') await this.#liveInContainerd(life);
      else if (life.kind === 'dockerode') await this.#runByDockerode(life, onWait);
      else await this.#liveInEngine(life);
    } catch {
      await this.#noteFailedStart(life);
    } finally {
      life.isOver = true;
    }
  }

  /** Removes the container, whatever state it is in. */
  async remove(life: Life): Promise<void> {
    const { containerd } = this.daemons;
    if (life.id === undefined) return;
    life.removedAt = uptimeNow();
    if (life.kind === 'ctr') {
      await containerd.ctr('tasks', 'delete', '--force', life.id).exited;
      await containerd.ctr('containers', 'delete', life.id).exited;
      return;
    }
    const container = this.#engine.getContainer(life.id);
    await container.remove({ force: true }).catch(() => undefined);
  }

  async #liveInContainerd(life: Life): Promise<void> {
    const mount = `type=bind,src=${this.directory},dst=${INSIDE},options=rbind:rw`;
    life.id = life.name;
    const script = truthfulScript(`${INSIDE}/${life.name}`, life.codes, life.seconds);
    const { containerd } = this.daemons;
    const end = performance.now() + PATIENCE_MS;
    while (life.starts.length === 0) {
      const isStarted = await containerd.runDetached(life.name, script, '--mount', mount).then(
        () => true,
        // The command may fail after the start.
        () => readTruth(this.directory, life.name).length > 0,
      );
      if (isStarted) life.starts.push(uptimeNow());
      else if (performance.now() > end) throw new Error(`${life.name} could not be started`);
      else {
        await containerd.ctr('containers', 'delete', life.name).exited;
        await delay(RETRY_MS);
      }
    }
    await this.#untilEnded(life, 1);
  }

  async #runByDockerode(life: Life, onWait: (wait: AskedWait) => void): Promise<void> {
    const created = (id: string): void => {
      life.id = id;
    };
    const answer = dockerodeRun(this.daemons, this.#command(life), this.#options(life), created);
    const wait = followWait('dockerode run', life, new AbortController(), answer);
    onWait(wait);
    await Promise.race([wait.over, this.#untilEnded(life, 1)]);
    const hasRun = readTruth(this.directory, life.name).length > 0;
    if (typeof wait.answer === 'string' || !hasRun) await this.#noteFailedStart(life);
  }

  async #liveInEngine(life: Life): Promise<void> {
    const Cmd = this.#command(life);
    const container = await untilDone(() =>
      this.#engine.createContainer({ Image: IMAGE, Cmd, ...this.#options(life) }),
    );
    life.id = container.id;
    await this.#start(life, container);
    if (life.kind === 'killed') {
      await delay(Math.min(life.from, KILL_AFTER) * 1000);
      life.killedAt = uptimeNow();
      await untilDone(() => container.kill({ signal: 'SIGKILL' }).catch(ignoreGone));
      return;
    }
    await this.#untilEnded(life, life.kind === 'restarted' ? life.codes.length : 1);
    if (!life.isStartedTwice) return;
    await this.#start(life, container);
    await this.#untilEnded(life, 2);
  }

  async #start(life: Life, container: Dockerode.Container): Promise<void> {
    await container.start();
    life.starts.push(uptimeNow());
  }

  /** The engine keeps a code of its own for a start that failed, such as without containerd. */
  async #noteFailedStart(life: Life): Promise<void> {
    if (life.id === undefined || life.kind === 'ctr') return;
    life.failedAt = uptimeNow();
    const container = this.#engine.getContainer(life.id);
    const { State } = await untilDone(() => container.inspect());
    if (State.Error !== '') life.failedWith = State.ExitCode;
  }

  /** Resolves when the container has written so many ends, or cannot any more. */
  async #untilEnded({ name, seconds }: Life, count: number): Promise<void> {
    const end = uptimeNow() + count * (seconds + 4);
    while (uptimeNow() < end) {
      const runs = readTruth(this.directory, name);
      if (runs.filter(({ ended }) => ended !== undefined).length >= count) return;
      await delay(50);
    }
  }

  #command({ kind, name, codes, seconds }: Life): string[] {
    if (kind === 'no command') return ['/no/such'];
    if (kind === 'directory') return ['/bin'];
    return ['/bin/sh', '-c', truthfulScript(`${INSIDE}/${name}`, codes, seconds)];
  }

  #options({ kind, name, codes }: Life): object {
    return {
      name,
      Tty: false,
      HostConfig: {
        NetworkMode: 'none',
        Binds: [`${this.directory}:${INSIDE}`],
        AutoRemove: kind === 'removed',
        ...(kind === 'restarted' && {
          RestartPolicy: { Name: 'on-failure', MaximumRetryCount: codes.length - 1 },
        }),
      },
    };
  }
}

/** Tries again while a daemon is away. */
async function untilDone<Result>(attempt: () => Promise<Result>): Promise<Result> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > end || !isAway(error)) throw error;
      await delay(RETRY_MS);
    }
  }
}

function isAway(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ECONNRESET';
}

/** The container has ended, or was removed. */
function ignoreGone(error: unknown): void {
  const { statusCode } = error as { statusCode?: number };
  if (statusCode !== 404 && statusCode !== 409) throw error;
}
