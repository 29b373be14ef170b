import { FoghornError } from '../../protocol/errors.js';
import { excerpt } from '../../protocol/excerpt.js';
import { PatternError, PatternSet, type Pattern } from '../filter/pattern.js';
import { parseFilterValues } from './filter-values.js';
import { HEALTHS, type Health } from './health.js';
import { withTag } from '../../protocol/image-reference.js';
import { matchesLabels, parseLabelFilter } from './label-filter.js';
import { PrefixSet } from './prefix-set.js';
import { shownId } from './shown-id.js';

/** The properties of a container that GET /containers/json can filter by. */
export interface ListedContainer {
  readonly id: string;
  /** Without the leading slash. */
  readonly name: string;
  readonly image: string;
  readonly labels: ReadonlyMap<string, string>;
  /** `running`, `exited`, … */
  readonly status: string;
  /** Exit code of the last run; undefined if none has ended. */
  readonly exitCode: number | undefined;
  /** Undefined without health checks. */
  readonly health?: Health | undefined;
  /** Time of creation in ns since 1970; undefined if it was not reported. */
  readonly createdAt?: bigint | undefined;
}

/** The `filters` of GET /containers/json, compiled. */
export interface ListFilters {
  matches(container: ListedContainer): boolean;
  /**
   * Whether the filters include containers that do not run, as a status does, even without `all`.
   */
  readonly includesStopped: boolean;
  /** Ids or names; only containers that were created before one of them pass. */
  readonly before: readonly string[];
  /** Likewise, for containers that were created after one of them. */
  readonly since: readonly string[];
}

type ContainerTest = (container: ListedContainer) => boolean;

/** All keys of dockerd. */
const COMPILE: ReadonlyMap<string, (values: readonly string[]) => ContainerTest> = new Map([
  ['id', compileId],
  ['name', compileName],
  ['label', compileLabels],
  ['status', compileStatus],
  ['exited', compileExited],
  ['health', compileHealth],
  ['ancestor', compileAncestor],
  ['is-task', compileIsTask],
  ['isolation', compileIsolation],
  // Events say nothing of these. A list is filtered by what it shows: no ports, no mounts and no
  // networks.
  ...['expose', 'network', 'publish', 'volume'].map((key) => [key, () => () => false] as const),
  // They are compared with another container, which is not known here.
  ...['before', 'since'].map((key) => [key, () => () => true] as const),
]);

/** Parses the text of `filters`; without a text, everything passes. Throws INVALID_ARGUMENT. */
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
    before: [...(filters.get('before')?.keys() ?? [])],
    since: [...(filters.get('since')?.keys() ?? [])],
  });
}

function compileId(values: readonly string[]): ContainerTest {
  const prefixes = new PrefixSet(values);
  return ({ id }) => prefixes.matches(shownId(id));
}

/**
 * Regular expressions, searched in the name with and without the slash that Docker puts before it.
 */
function compileName(sources: readonly string[]): ContainerTest {
  const patterns = new PatternSet();
  const names = sources.map((source) => compilePattern(source, patterns));
  return ({ name }) => names.some((pattern) => pattern.test(name) || pattern.test(`/${name}`));
}

/** dockerd ignores an invalid pattern, and returns an empty list without a reason. */
function compilePattern(source: string, patterns: PatternSet): Pattern {
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
  return ({ status, exitCode }) => status === 'exited' && exitCodes.has(exitCode ?? 255);
}

function compileHealth(values: readonly string[]): ContainerTest {
  const unknown = values.find((value) => value !== 'none' && !HEALTHS.includes(value));
  if (unknown !== undefined) throw invalidFilter(`health=${unknown}`);
  return ({ health = 'none' }) => values.includes(health);
}

/**
 * Compares names only, because the ancestors of an image are not known. A name without a tag means
 * `latest`.
 */
function compileAncestor(references: readonly string[]): ContainerTest {
  const images = new Set(references.map(withTag));
  return ({ image }) => images.has(withTag(image));
}

/** Label of the containers of swarm tasks. */
const TASK_LABEL = 'com.docker.swarm.task.id';

function compileIsTask(values: readonly string[]): ContainerTest {
  const wanted = values.map((value) => parseFilterBoolean('is-task', value));
  return ({ labels }) => wanted.includes(labels.has(TASK_LABEL));
}

/** Linux has one isolation only. */
function compileIsolation(values: readonly string[]): ContainerTest {
  const passes = values.some((value) => value === '' || value === 'default');
  return () => passes;
}

function parseFilterBoolean(key: string, value: string): boolean {
  if (['1', 'true'].includes(value)) return true;
  if (['0', 'false'].includes(value)) return false;
  throw invalidFilter(`${key}=${value}`);
}

function invalidFilter(filter: string, reason?: string): FoghornError {
  const why = reason === undefined ? '' : `: ${reason}`;
  return new FoghornError('INVALID_ARGUMENT', `invalid filter '${excerpt(filter)}'${why}`);
}
