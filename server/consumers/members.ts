import type { Gap } from '../broker/subscription-message.js';
import type { Member } from './member.js';

/** A member at this broker, and how many more events it asks for. */
export class AttachedMember {
  credit = 0;
  /** It is leaving, or its connection has ended: it gets nothing more. */
  isGone = false;

  constructor(readonly member: Member) {}
}

/** The members of a consumer at this broker, which share its events in turn. */
export class ConsumerMembers {
  readonly #attached: AttachedMember[] = [];
  #next = 0;
  /** The newest gap that was met before a member was there. */
  #unannounced: Gap | undefined;

  get count(): number {
    return this.#attached.length;
  }

  add(member: Member): AttachedMember {
    const attached = new AttachedMember(member);
    this.#attached.push(attached);
    if (this.#unannounced !== undefined) member.gap(this.#unannounced);
    this.#unannounced = undefined;
    return attached;
  }

  remove(attached: AttachedMember): void {
    attached.isGone = true;
    const at = this.#attached.indexOf(attached);
    if (at < 0) return;
    this.#attached.splice(at, 1);
  }

  each(callback: (member: Member) => void): void {
    for (const { member } of [...this.#attached]) callback(member);
  }

  /** Announces a gap to all members, or to the first one that comes. */
  announceGap(gap: Gap): void {
    if (this.count === 0) this.#unannounced = gap;
    this.each((member) => {
      member.gap(gap);
    });
  }

  /** The current connection of a member. */
  find(name: string): AttachedMember | undefined {
    return this.#attached.findLast(({ member }) => member.name === name);
  }

  /** Takes one credit of the next member that has some; undefined if none has. */
  takeCredit(): AttachedMember | undefined {
    const { length } = this.#attached;
    for (let i = 0; i < length; i++) {
      const attached = this.#attached[this.#next++ % length];
      if (attached === undefined || attached.isGone || attached.credit < 1) continue;
      attached.credit -= 1;
      return attached;
    }
    return undefined;
  }
}
