import { createHash, timingSafeEqual } from 'node:crypto';
import { EndingIdentity } from './identity.js';
import { grantedTo, type RuledCaller } from './ruled-caller.js';
import type { AccessRules, Principal, TokenEntry } from './rules.js';

/** Makes a caller with the rights of a principal. */
export type MakeCaller = (principal: Principal) => RuledCaller;

interface KnownToken {
  readonly entry: TokenEntry;
  readonly caller: RuledCaller;
  readonly identity: EndingIdentity;
}

/** The bearer tokens of the access file. */
export class Tokens {
  #known: readonly KnownToken[] = [];

  constructor(private readonly makeCaller: MakeCaller) {}

  /**
   * Takes the tokens of new rules. One that stays keeps its identity; one that is gone or has
   * another name or expiry ends its identity.
   */
  apply(rules: AccessRules): void {
    const before = new Map(this.#known.map((token) => [keyOf(token.entry), token]));
    this.#known = rules.tokens.map((entry) => {
      const known = before.get(keyOf(entry));
      before.delete(keyOf(entry));
      if (known === undefined) return this.#add(entry);
      known.caller.apply(rules, grantedTo(entry));
      return { ...known, entry };
    });
    for (const { identity } of before.values()) identity.end();
  }

  /** Undefined for a text that is no valid token. Takes as long for each of them. */
  find(text: string): EndingIdentity | undefined {
    const digest = digestOf(text);
    let found: EndingIdentity | undefined;
    for (const { entry, identity } of this.#known) {
      if (timingSafeEqual(entry.digest, digest)) found = identity;
    }
    return found?.isValid === true ? found : undefined;
  }

  #add(entry: TokenEntry): KnownToken {
    const caller = this.makeCaller(entry);
    return { entry, caller, identity: new EndingIdentity(caller, 'token', entry.expires) };
  }
}

/** The digest by which a token is stored. */
export function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

function keyOf({ digest, name, expires }: TokenEntry): string {
  return `${digest.toString('hex')} ${expires ?? ''} ${name}`;
}
