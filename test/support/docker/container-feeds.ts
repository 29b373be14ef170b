import type { Envelope } from '../../../protos/gen/containerd/types/event.js';
import { Container, envelopeOf } from '../task-events.js';
import { recorded } from './recorded-events.js';

/** Events of a container, in sequence. */
export interface ContainerFeed {
  readonly id: string;
  create(): Envelope[];
  start(): Envelope[];
  exit(exitCode: number): Envelope[];
  remove(): Envelope[];
}

/** A container's events as containerd reports them. */
export class ContainerdFeed implements ContainerFeed {
  readonly #container: Container;
  #pid = 100;

  constructor(readonly id: string) {
    this.#container = new Container(id);
  }

  create(): Envelope[] {
    return [envelopeOf(this.#container.made())];
  }

  start(): Envelope[] {
    this.#pid += 1;
    return [this.#container.create(this.#pid), this.#container.start(this.#pid)].map((happening) =>
      envelopeOf(happening),
    );
  }

  exit(exitCode: number): Envelope[] {
    const exit = this.#container.exit(this.#pid, exitCode);
    return [exit, this.#container.delete(this.#pid, exitCode)].map((each) => envelopeOf(each));
  }

  remove(): Envelope[] {
    return [envelopeOf(this.#container.removed())];
  }
}

/** A container's events as recorded from an engine. */
export class EngineFeed implements ContainerFeed {
  #time: bigint;

  /** @param since time before the first event, ns since 1970 */
  constructor(
    readonly id: string,
    readonly name = id,
    since = 1_000_000_000_000n,
  ) {
    this.#time = since;
  }

  create(): Envelope[] {
    return [this.tell('create')];
  }

  start(): Envelope[] {
    return [this.tell('start')];
  }

  exit(exitCode: number): Envelope[] {
    return [this.tell('die', { exitCode: String(exitCode) })];
  }

  remove(): Envelope[] {
    return [this.tell('destroy')];
  }

  /** Any other event. */
  tell(action: string, extras: Readonly<Record<string, string>> = {}): Envelope {
    const attributes = new Map(Object.entries({ image: 'busybox', name: this.name, ...extras }));
    return recorded({ action, actorId: this.id, attributes, timeNano: (this.#time += 1n) });
  }
}
