import { CONTAINERD_KINDS, type RunEvent } from './run-event.js';

/**
 * Whether a container is gone, or its own process has ended, by its newest event, and what is known
 * about its reports.
 */
export class ContainerEnd {
  #isFollowed = false;
  #isGone = false;
  #hasEnded = false;
  #isCodeHidden = false;

  /** Whether containerd has reported the container or its task. */
  get isFollowed(): boolean {
    return this.#isFollowed;
  }

  /** Whether a label of the container replaces the code in its engine's dies. */
  get isCodeHidden(): boolean {
    return this.#isCodeHidden;
  }

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
    if (event.kind === 'engine start') this.#isCodeHidden = event.hidesCode === true;
    this.#isFollowed ||= CONTAINERD_KINDS.has(event.kind);
    this.#isGone =
      event.kind === 'container deleted' || (event.kind === 'engine destroy' && !this.#isFollowed);
    this.#hasEnded = this.#isGone || (event.kind === 'exit' && event.process === '');
  }
}
