import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { FoghornError } from '../../../protocol/errors.js';
import { goFormatWithoutArguments } from '../../../server/events/go-text.js';
import { checkIdentifier, checkNamespace, checkTopic } from '../../../server/events/names.js';

interface NameCase {
  input?: string;
  topic?: string;
  valid: boolean;
  errorMessage?: string;
}

function vectors(file: string): NameCase[] {
  const url = new URL(`../../vectors/${file}`, import.meta.url);
  return (JSON.parse(readFileSync(url, 'utf8')) as { cases: NameCase[] }).cases;
}

/** The error text for a name, or undefined for a valid one. */
function refusal(check: () => void): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    expect(error).to.be.instanceOf(FoghornError).with.property('code', 'INVALID_ARGUMENT');
    return goFormatWithoutArguments((error as FoghornError).message);
  }
}

function title(name: string): string {
  return JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}…` : name);
}

describe('names', () => {
  describe('identifiers', () => {
    for (const { input = '', valid, errorMessage } of vectors('identifiers.json')) {
      it(`${valid ? 'accepts' : 'refuses'} ${title(input)}`, () => {
        const message = refusal(() => {
          checkIdentifier(input);
        });
        if (valid) expect(message).to.equal(undefined);
        else if (errorMessage !== undefined) expect(message).to.equal(errorMessage);
        else expect(message).to.be.a('string');
      });
    }
  });

  describe('topics', () => {
    for (const { topic = '', valid, errorMessage } of vectors('topics.json')) {
      it(`${valid ? 'accepts' : 'refuses'} ${title(topic)}`, () => {
        const message = refusal(() => {
          checkTopic(topic);
        });
        if (valid) expect(message).to.equal(undefined);
        else expect(message).to.equal(errorMessage);
      });
    }

    it('refuses the empty topic', () => {
      const message = refusal(() => {
        checkTopic('');
      });
      expect(message).to.equal('envelope topic "": must not be empty: invalid argument');
    });

    it('accepts a topic of 1 MiB, and refuses a longer one with its beginning', () => {
      const long = '/a'.repeat(512 * 1024);
      const shownLong = `${long.slice(0, 1024)}…`;
      checkTopic(long);
      const problem = 'must have at most 1048576 bytes: invalid argument';
      for (const [topic, shown] of [
        [`${long}a`, shownLong],
        ['/a'.repeat(8_000_000), shownLong],
        ['"'.repeat(8_000_000), `${'\\"'.repeat(1024)}…`],
      ] as const) {
        const message = refusal(() => {
          checkTopic(topic);
        });
        expect(message).to.equal(`envelope topic "${shown}": ${problem}`);
      }
    });
  });

  it('cuts a long identifier in its error', () => {
    const message = refusal(() => {
      checkIdentifier('x'.repeat(1_000_000));
    });
    expect(message).to.equal(
      `identifier "${'x'.repeat(1024)}…" greater than maximum length (76 characters): invalid argument`,
    );
  });

  it('puts the context before the text', () => {
    expect(() => {
      checkNamespace('', 'event envelope has invalid namespace: ');
    }).to.throw(
      FoghornError,
      'event envelope has invalid namespace: identifier must not be empty: invalid argument',
    );
  });
});
