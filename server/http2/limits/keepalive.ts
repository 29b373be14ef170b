/** Finds out whether a silent client is still there. */
export class Keepalive {
  /** Something came since the last tick. */
  heard = true;
  #heardAt: number;
  #isPinged = false;

  constructor(
    private readonly limits: { readonly keepaliveTime: number; readonly keepaliveTimeout: number },
    now: number,
  ) {
    this.#heardAt = now;
  }

  /** Returns what to do about the client. */
  tick(now: number): 'nothing' | 'ping' | 'destroy' {
    if (this.heard) {
      this.heard = this.#isPinged = false;
      this.#heardAt = now;
      return 'nothing';
    }
    const { keepaliveTime, keepaliveTimeout } = this.limits;
    const silence = now - this.#heardAt;
    if (silence >= keepaliveTime + keepaliveTimeout) return 'destroy';
    if (this.#isPinged || silence < keepaliveTime) return 'nothing';
    this.#isPinged = true;
    return 'ping';
  }
}
