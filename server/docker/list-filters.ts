import type { RE2JS } from 're2js';
import { FoghornError } from '../../protocol/errors.js';
import { excerpt } from '../../protocol/excerpt.js';
import { PatternError, PatternSet } from '../filter/pattern.js';
import { parseFilterValues } from './filter-values.js';
import { withTag } from './image-reference.js';
import { matchesLabels, parseLabelFilter } from './label-filter.js';
import { PrefixSet } from './prefix-set.js';

/** What GET /containers/json can filter a container by. */
export interface ListedContainer {
  readonly id: string;
  /** Without the slash before it. */
  readonly name: string;
  readonly image: string;
  readonly labels: ReadonlyMap<string, string>;
  /** `running`, `exited`, … */
  readonly status: string;
  /** Of the last run, where one has ended. */
  readonly exitCode: number | undefined;
}

/** The `filters` of GET /containers/json, compiled. */
export interface ListFilters {
  matches(container: ListedContainer): boolean;
  /** Whether containers that do not run are asked for, too, even without `all`: a status does that. */
  readonly includesStopped: boolean;
}

type ContainerTest = (container: ListedContainer) => boolean;

/**
 * The keys that can be answered. dockerd has more (health, network, volume, …), about which events tell nothing: to refuse them
 * is better than a list that leaves them out of account.
 */
const COMPILE: ReadonlyMap<string, (values: readonly string[]) => ContainerTest> = new Map([
  ['id', compileId],
  ['name', compileName],
  ['label', compileLabels],
  ['status', compileStatus],
  ['exited', compileExited],
  ['ancestor', compileAncestor],
]);

/** Reads the text of `filters`; without one, everything passes. Throws INVALID_ARGUMENT. */
export function parseListFilters(text: string | undefined): ListFilters {
  const filters = parseFilterValues(text);
  const tests: ContainerTest[] = [];
  for (const [key, values] of filters) {
    const compile = COMPILE.get(key);
    if (compile === undefined) throw invalidFilter(key);
    if (values.size > 0) tests.push(compile([...values.keys()]));
  }
  return Object.freeze({
    matches: (container: ListedContainer) => tests.every((test) => test(container)),
    includesStopped: (filters.get('status')?.size ?? 0) > 0,
  });
}

function compileId(values: readonly string[]): ContainerTest {
  const prefixes = new PrefixSet(values);
  return ({ id }) => prefixes.matches(id);
}

/** Regular expressions, to be found anywhere in the name with or without the slash that Docker puts before it. */
function compileName(sources: readonly string[]): ContainerTest {
  const patterns = new PatternSet();
  const names = sources.map((source) => compilePattern(source, patterns));
  return ({ name }) => names.some((pattern) => pattern.test(name) || pattern.test(`/${name}`));
}

/** dockerd ignores a pattern that is wrong, and the list is empty without a reason. */
function compilePattern(source: string, patterns: PatternSet): RE2JS {
  try {
    return patterns.compile(Buffer.from(source));
  } catch (error) {
    if (error instanceof PatternError) throw invalidFilter(`name=${source}`, error.message);
    throw error;
  }
}

function compileLabels(values: readonly string[]): ContainerTest {
  const filters = values.map(parseLabelFilter);
  return ({ labels }) => matchesLabels(filters, labels);
}

const STATUSES = ['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead'];

function compileStatus(statuses: readonly string[]): ContainerTest {
  const unknown = statuses.find((status) => !STATUSES.includes(status));
  if (unknown !== undefined) throw invalidFilter(`status=${unknown}`);
  return ({ status }) => statuses.includes(status);
}

function compileExited(values: readonly string[]): ContainerTest {
  const wrong = values.find((value) => !/^[+-]?\d+$/.test(value));
  if (wrong !== undefined) throw invalidFilter(`exited=${wrong}`);
  const exitCodes = new Set(values.map(Number));
  return ({ status, exitCode }) => status === 'exited' && exitCodes.has(exitCode ?? 0);
}

/** By name, for what an image was made from is not known here. A name without a tag means the latest. */
function compileAncestor(references: readonly string[]): ContainerTest {
  const images = new Set(references.map(withTag));
  return ({ image }) => images.has(withTag(image));
}

function invalidFilter(filter: string, reason?: string): FoghornError {
  const why = reason === undefined ? '' : `: ${reason}`;
  return new FoghornError('INVALID_ARGUMENT', `invalid filter '${excerpt(filter)}'${why}`);
}
