import type { DockerEvent } from '../protos/gen/foghorn/v1/docker.js';
import { FoghornError } from './errors.js';

/** What Docker clients go by in an event. */
export interface DockerEventFields {
  /** `container`, `image`, … */
  readonly type: string;
  /** `die`, `exec_create: sh -c ls`, … */
  readonly action: string;
  /** What it is about; empty for some, such as those of a prune. */
  readonly actorId: string;
  readonly attributes: ReadonlyMap<string, string>;
  /** `local` or `swarm`. */
  readonly scope: string;
  /** ns since 1970. */
  readonly timeNano: bigint;
}

/** What recordings of engines are filed under: no id of a container, for none has a slash. */
export const RECORDING_KEY = '/docker';

/** Where it is stored that an engine is recorded. */
export const RECORDING_TOPIC = '/foghorn/docker-recording';

/** Where it is stored how an engine described a container. */
export const CONTAINER_TOPIC = '/foghorn/docker-container';

const NANOS_PER_SECOND = 1_000_000_000n;

/**
 * The event as dockerd writes it, byte for byte, without the newline: members in its order, attributes by the bytes of their
 * names, Go's escapes. Before API 1.52 it begins with `status`, `id` and `from`, which are repeated further on.
 */
export function dockerEventJson(event: DockerEventFields, withDeprecated: boolean): string {
  const { type, action, actorId, attributes, scope, timeNano } = event;
  const time = floorDivide(timeNano, NANOS_PER_SECOND);
  return (
    `{${withDeprecated ? deprecatedMembers(event) : ''}"Type":${goJson(type)},"Action":${goJson(action)},` +
    `"Actor":{"ID":${goJson(actorId)},"Attributes":${attributesJson(attributes)}},` +
    `${scope === '' ? '' : `"scope":${goJson(scope)},`}"time":${time},"timeNano":${timeNano}}`
  );
}

/** Only containers and images ever had them, and empty ones are left out. */
function deprecatedMembers({ type, action, actorId, attributes }: DockerEventFields): string {
  if (type !== 'container' && type !== 'image') return '';
  const members = { status: action, id: actorId, from: '' };
  if (type === 'container') members.from = attributes.get('image') ?? '';
  return Object.entries(members)
    .map(([name, value]) => (value === '' ? '' : `"${name}":${goJson(value)},`))
    .join('');
}

function attributesJson(attributes: ReadonlyMap<string, string>): string {
  const names = [...attributes.keys()];
  if (!isSorted(names)) names.sort(compareBytes);
  return `{${names.map((name) => `${goJson(name)}:${goJson(attributes.get(name) ?? '')}`).join(',')}}`;
}

/** As an engine has told them they are. */
function isSorted(names: readonly string[]): boolean {
  return names.every((name, i) => i === 0 || compareBytes(names[i - 1] ?? '', name) < 0);
}

const ASCII = /^[\0-\x7f]*$/;

/** UTF-16, in which JavaScript compares, has another order than UTF-8 beyond the basic plane. */
function compareBytes(a: string, b: string): number {
  if (!ASCII.test(a) || !ASCII.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** ASCII that JSON, HTML and JavaScript all take as it is. */
const PLAIN = /^[ !#-%'-;=?-[\]-~]*$/;

/** A string as Go's encoding/json writes it, which also escapes what would mean something in HTML and JavaScript. */
function goJson(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  return JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * Reads one event as an engine sends it, so that nothing of it is lost. Throws INVALID_ARGUMENT for text that is no JSON object
 * with a time.
 */
export function parseDockerEvent(line: string): DockerEvent {
  const { Type: type, Action: action, Actor: actor, scope, status, id } = membersOf(line);
  const { ID: actorId, Attributes: attributes } = isObject(actor) ? actor : {};
  const event: DockerEvent = {
    // Engines before API 1.22 tell nothing but status and id, of containers and images alike.
    type: textOr(type, 'container'),
    action: textOr(action, textOr(status, '')),
    actorId: textOr(actorId, textOr(id, '')),
    attributes: attributesOf(attributes),
    scope: textOr(scope, ''),
    timeNano: timeNanoOf(line),
    exact: '',
    replayed: false,
    filledIn: false,
  };
  const isReproduced =
    line === dockerEventJson(event, true) || line === dockerEventJson(event, false);
  return isReproduced ? event : { ...event, exact: line };
}

/** The topic that it is stored under: /docker/<type>/<action>, without what follows a colon. */
export function dockerTopic({ type, action }: Pick<DockerEvent, 'type' | 'action'>): string {
  const [verb = ''] = action.split(':');
  return `/docker/${topicComponent(type)}/${topicComponent(verb)}`;
}

/** Longest that a component of a topic may be, in bytes. */
const MAX_COMPONENT = 76;

/** What no component of a topic may have becomes a dash between what it may. */
function topicComponent(text: string): string {
  const component = text.replace(/[^A-Za-z0-9._-]+/g, '-').slice(0, MAX_COMPONENT);
  const words = component.replace(/([._-])[._-]+/g, '$1').replace(/^[._-]+|[._-]+$/g, '');
  return words === '' ? 'unknown' : words;
}

function membersOf(line: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    value = undefined;
  }
  if (isObject(value)) return value;
  throw notAnEvent(line);
}

/**
 * From the text, since a JavaScript number has no room for it. Inside a string its quotes would be escaped, so that this is
 * the member and nothing else.
 */
function timeNanoOf(line: string): bigint {
  const [, nanos] = /"timeNano":\s*(-?\d+)/.exec(line) ?? [];
  if (nanos !== undefined) return BigInt(nanos);
  const [, seconds] = /"time":\s*(-?\d+)/.exec(line) ?? [];
  if (seconds !== undefined) return BigInt(seconds) * NANOS_PER_SECOND;
  throw notAnEvent(line);
}

function notAnEvent(line: string): FoghornError {
  const shown = line.length > 200 ? `${line.slice(0, 200)}…` : line;
  return new FoghornError(
    'INVALID_ARGUMENT',
    `expected an event of a Docker engine, a JSON object with a time, got ${JSON.stringify(shown)}`,
  );
}

function attributesOf(value: unknown): Map<string, string> {
  if (!isObject(value)) return new Map();
  return new Map(Object.entries(value).map(([name, text]) => [name, textOr(text, '')]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}

function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by < 0n ? quotient - 1n : quotient;
}
