import Dockerode from 'dockerode';
import { DockerClient } from '../support/docker/docker-client.js';
import { exitCodesOf } from '../support/docker/event-lines.js';
import { Child } from '../support/processes/child.js';

const IMAGE = 'busybox:latest';

/** Ways in which clients start a container and learn its exit code. */
export const WAYS = [
  'create, start, wait',
  'second start, wait',
  'next-exit, start',
  'events, start',
  'removed, wait',
  'run(detach).wait()',
] as const;

export type Way = (typeof WAYS)[number];

/** The answers of a way that were wrong. */
export type WrongAnswers = ReadonlyMap<Way, readonly string[]>;

/** Runs short containers on an engine's socket, and compares every answer with the true code. */
export class WaitRounds {
  readonly #docker: Dockerode;
  readonly #client: DockerClient;
  readonly #wrong = new Map<Way, string[]>(WAYS.map((way) => [way, []]));

  constructor(private readonly socketPath: string) {
    this.#docker = new Dockerode({ socketPath });
    this.#client = new DockerClient(socketPath);
  }

  /** Resolves with the wrong answers of all rounds. */
  async run(rounds: number): Promise<WrongAnswers> {
    try {
      for (let round = 0; round < rounds; round++) await this.#round(1 + (round % 100));
      await this.#runDetached(rounds);
      return this.#wrong;
    } finally {
      this.#client.close();
    }
  }

  async #round(code: number): Promise<void> {
    const box = await this.#docker.createContainer({
      Image: IMAGE,
      Cmd: ['/bin/sh', '-c', `exit ${code}`],
      HostConfig: { NetworkMode: 'none' },
    });
    await box.start();
    await this.#check('create, start, wait', code, statusCode(box.wait()));
    await box.start();
    await this.#check('second start, wait', code, statusCode(box.wait()));
    const next = this.#client.wait(box.id, 'condition=next-exit');
    await next.head;
    await box.start();
    await this.#check('next-exit, start', code, statusCode(next.text().then(JSON.parse)));
    await this.#check('events, start', code, this.#codeInEvents(box));
    await box.remove();
    await this.#check('removed, wait', code, statusCode(this.#docker.getContainer(box.id).wait()));
  }

  /** Follows the events of a container from before its start, as older commands do. */
  async #codeInEvents(box: Dockerode.Container): Promise<number> {
    const filters = JSON.stringify({ container: [box.id], type: ['container'] });
    const events = this.#client.events({ filters });
    await events.head;
    await box.start();
    const lines = await events.when((seen) => exitCodesOf(seen).length > 0);
    events.cancel();
    // The container may not be removed before the engine knows of its end.
    await box.wait();
    return Number(exitCodesOf(lines)[0]);
  }

  async #runDetached(rounds: number): Promise<void> {
    const program = `
import docker, sys
client = docker.from_env()
for round in range(int(sys.argv[1])):
    code = 1 + round % 100
    box = client.containers.run('${IMAGE}', ['/bin/sh', '-c', 'exit %d' % code], network_mode='none', detach=True)
    try:
        print(code, box.wait()['StatusCode'])
    except Exception as error:
        print(code, error)
    box.remove(force=True)
`;
    const env = { ...process.env, DOCKER_HOST: `unix://${this.socketPath}` };
    const args = ['-u', '-c', program, String(rounds)];
    const { stdout } = await new Child('/usr/bin/python3', args, { env }).succeeded();
    if (stdout.length !== rounds) throw new Error(`${stdout.length} answers of ${rounds} runs`);
    for (const line of stdout) {
      const [code, ...answer] = line.split(' ');
      await this.#check('run(detach).wait()', Number(code), Promise.resolve(answer.join(' ')));
    }
  }

  async #check(way: Way, code: number, answer: Promise<unknown>): Promise<void> {
    const text = await answer.then(String, String);
    if (text !== String(code)) this.#wrong.get(way)?.push(`${text}, expected ${code}`);
  }
}

async function statusCode(answer: Promise<unknown>): Promise<unknown> {
  const body = (await answer) as { StatusCode?: unknown };
  return body.StatusCode ?? JSON.stringify(body);
}
