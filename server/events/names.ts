import { FoghornError } from '../../protocol/errors.js';
import { goQuote } from './go-text.js';
import { RecentNames } from './recent-names.js';

/*
 * The texts are containerd's. It also formats a complete text once more before it sends it; that is
 * goFormatWithoutArguments and belongs where the complete text is sent.
 */

const MAX_IDENTIFIER_BYTES = 76;
const IDENTIFIER_PATTERN = '^[A-Za-z0-9]+(?:[._-](?:[A-Za-z0-9]+))*$';
const IDENTIFIER = new RegExp(IDENTIFIER_PATTERN);

/** A whole topic at once; every component of at most 76 bytes, which are ASCII here. */
const TOPIC = /^(?:\/(?=[^/]{1,76}(?:\/|$))[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*)+$/;

/** There are few names that come again and again. */
const goodTopics = new RecentNames();
const goodIdentifiers = new RecentNames();

/** Throws INVALID_ARGUMENT unless this is an identifier; `context` goes before containerd's text. */
export function checkIdentifier(value: string, context = ''): void {
  if (goodIdentifiers.has(value)) return;
  const problem = identifierProblem(value);
  if (problem !== undefined) throw invalid(context + problem);
  goodIdentifiers.add(value);
}

/**
 * Throws INVALID_ARGUMENT unless this can be a namespace's name; `context` goes before containerd's text,
 * for example `event envelope has invalid namespace: `.
 */
export function checkNamespace(namespace: string, context = ''): void {
  checkIdentifier(namespace, context);
}

/** Throws INVALID_ARGUMENT unless this is a topic: identifiers, each after a slash. */
export function checkTopic(topic: string): void {
  if (goodTopics.has(topic)) return;
  if (topic.length > FAST_TOPIC_LENGTH || !TOPIC.test(topic)) {
    const problem = topicProblem(topic);
    if (problem !== undefined) throw invalid(`envelope topic ${goQuote(topic)}: ${problem}`);
  }
  goodTopics.add(topic);
}

/** A longer topic is legal too, but would exhaust the stack of the regular expression. */
const FAST_TOPIC_LENGTH = 1024;

function topicProblem(topic: string): string | undefined {
  if (topic === '') return 'must not be empty';
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
  if (!IDENTIFIER.test(value)) {
    return `identifier ${goQuote(value)} must match ${IDENTIFIER_PATTERN}`;
  }
  return undefined;
}

function invalid(text: string): FoghornError {
  return new FoghornError('INVALID_ARGUMENT', `${text}: invalid argument`);
}
