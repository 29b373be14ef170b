import { CONTAINERD_KINDS, type RunEvent } from './run-event.js';

/** Whether a container is gone, or its own process has ended, by its newest event. */
export class ContainerEnd {
  #isFollowed = false;
  #isGone = false;
  #hasEnded = false;

  /** The container was deleted. */
  get isGone(): boolean {
    return this.#isGone;
  }

  /** The container was deleted, or its own process has ended: no exec goes on. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** An engine reports a removal before containerd's events of it are stored. */
  add(event: RunEvent): void {
    this.#isFollowed ||= CONTAINERD_KINDS.has(event.kind);
    this.#isGone =
      event.kind === 'container deleted' || (event.kind === 'engine destroy' && !this.#isFollowed);
    this.#hasEnded = this.#isGone || (event.kind === 'exit' && event.process === '');
  }
}
