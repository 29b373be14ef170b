import { FoghornError } from '../../protocol/errors.js';
import {
  hasIdentifierCharacters,
  IDENTIFIER_PATTERN,
  MAX_IDENTIFIER_BYTES,
} from '../../protocol/identifier.js';
import { MAX_TOPIC_BYTES } from '../../protocol/limits.js';
import { goQuote } from './go-text.js';

/*
 * The error texts are containerd's. containerd formats a complete text once more before it sends
 * it; callers that send one use goFormatWithoutArguments.
 */

/** A valid topic. Components have at most 76 characters, all ASCII. */
const TOPIC = /^(?:\/(?=[^/]{1,76}(?:\/|$))[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*)+$/;

/** More than the names in use at a time. */
const MAX_NAMES = 1000;
/** Longer names are not kept. */
const MAX_LENGTH = 128;

/** A cache of names, emptied when it is full. */
class RecentNames {
  readonly #names = new Set<string>();

  has(name: string): boolean {
    return this.#names.has(name);
  }

  add(name: string): void {
    if (name.length > MAX_LENGTH) return;
    if (this.#names.size >= MAX_NAMES) this.#names.clear();
    this.#names.add(name);
  }
}

/** Caches of valid names, because few names are in use at a time. */
const goodTopics = new RecentNames();
const goodIdentifiers = new RecentNames();

/** Throws INVALID_ARGUMENT for an invalid identifier; `context` precedes containerd's text. */
export function checkIdentifier(value: string, context = ''): void {
  if (goodIdentifiers.has(value)) return;
  const problem = identifierProblem(value);
  if (problem !== undefined) throw invalid(context + problem);
  goodIdentifiers.add(value);
}

/**
 * Throws INVALID_ARGUMENT for an invalid namespace; `context` precedes containerd's text, for
 * example `event envelope has invalid namespace: `.
 */
export function checkNamespace(namespace: string, context = ''): void {
  checkIdentifier(namespace, context);
}

/** Throws INVALID_ARGUMENT for an invalid topic. A topic is identifiers, each after a slash. */
export function checkTopic(topic: string): void {
  if (goodTopics.has(topic)) return;
  if (topic.length > MAX_PATTERN_LENGTH || !TOPIC.test(topic)) {
    const problem = topicProblem(topic);
    if (problem !== undefined) throw invalid(`envelope topic ${goQuote(topic)}: ${problem}`);
  }
  goodTopics.add(topic);
}

/** Length up to which TOPIC is used: a longer text could exhaust the stack of the pattern. */
const MAX_PATTERN_LENGTH = 1024;

function topicProblem(topic: string): string | undefined {
  if (topic === '') return 'must not be empty';
  // A valid topic is ASCII, so its length is its size.
  if (topic.length > MAX_TOPIC_BYTES) return `must have at most ${MAX_TOPIC_BYTES} bytes`;
  if (!topic.startsWith('/')) return "must start with '/'";
  if (topic === '/') return 'must have at least one component';
  for (const component of topic.slice(1).split('/')) {
    const problem = identifierProblem(component);
    if (problem !== undefined) {
      return `failed validation on component ${goQuote(component)}: ${problem}`;
    }
  }
  return undefined;
}

function identifierProblem(value: string): string | undefined {
  if (value === '') return 'identifier must not be empty';
  if (Buffer.byteLength(value) > MAX_IDENTIFIER_BYTES) {
    return `identifier ${goQuote(value)} greater than maximum length (${MAX_IDENTIFIER_BYTES} characters)`;
  }
  if (!hasIdentifierCharacters(value)) {
    return `identifier ${goQuote(value)} must match ${IDENTIFIER_PATTERN}`;
  }
  return undefined;
}

function invalid(text: string): FoghornError {
  return FoghornError.refusal('INVALID_ARGUMENT', `${text}: invalid argument`);
}
