import type { DockerEvent } from '../protos/gen/foghorn/v1/docker.js';
import { FoghornError } from './errors.js';
import { excerpt } from './excerpt.js';

/** The fields of a Docker engine's event. */
export interface DockerEventFields {
  /** `container`, `image`, … */
  readonly type: string;
  /** `die`, `exec_create: sh -c ls`, … */
  readonly action: string;
  /**
   * Id of the container, image, … that the event is about; empty for some events, such as prunes.
   */
  readonly actorId: string;
  readonly attributes: ReadonlyMap<string, string>;
  /** `local` or `swarm`. */
  readonly scope: string;
  /** ns since 1970. */
  readonly timeNano: bigint;
}

/**
 * A recorder asks GET /events with this header. A broker then answers with the epoch of its history
 * in it, by which the recorder knows that it would record what it stores.
 */
export const HISTORY_HEADER = 'foghorn-history';

/**
 * The key of entries about the recording of engines. It cannot be a container's id, which has no
 * slash.
 */
export const RECORDING_KEY = '/docker';

/** Topic of entries that say that an engine is recorded. */
export const RECORDING_TOPIC = '/foghorn/docker-recording';

/** Topic of entries with an engine's description of a container. */
export const CONTAINER_TOPIC = '/foghorn/docker-container';

/** An engine's code for an end that it does not know, such as after a reboot. */
export const UNKNOWN_EXIT_CODE = 255;

/** Why that code is none for a run whose end containerd should have reported. */
export const UNKNOWN_END =
  'containerd reported no end, and the engine says 255, which it also does where it knows none';

const NANOS_PER_SECOND = 1_000_000_000n;

/**
 * Formats the event as dockerd does, byte for byte, without the newline: its order of members,
 * attributes sorted by the bytes of their names, and Go's escapes.
 * Before API 1.52 it begins with `status`, `id` and `from`, which repeat later members.
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

/** The deprecated members of containers and images. Empty ones are left out. */
function deprecatedMembers({ type, action, actorId, attributes }: DockerEventFields): string {
  if (type !== 'container' && type !== 'image') return '';
  const from = type === 'container' ? (attributes.get('image') ?? '') : '';
  return deprecated('status', action) + deprecated('id', actorId) + deprecated('from', from);
}

function deprecated(name: string, value: string): string {
  return value === '' ? '' : `"${name}":${goJson(value)},`;
}

function attributesJson(attributes: ReadonlyMap<string, string>): string {
  const names = [...attributes.keys()];
  if (!isSorted(names)) names.sort(compareBytes);
  let members = '';
  for (const name of names) {
    const member = `${goJson(name)}:${goJson(attributes.get(name) ?? '')}`;
    members += members === '' ? member : `,${member}`;
  }
  return `{${members}}`;
}

/** Attributes that come from an engine are sorted already. */
function isSorted(names: readonly string[]): boolean {
  return names.every((name, i) => i === 0 || compareBytes(names[i - 1] ?? '', name) < 0);
}

const ASCII = /^[\0-\x7f]*$/;

/** JavaScript compares UTF-16, whose order differs from that of UTF-8 beyond the basic plane. */
function compareBytes(a: string, b: string): number {
  if (!ASCII.test(a) || !ASCII.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** ASCII that needs no escape in JSON, HTML or JavaScript. */
const PLAIN = /^[ !#-%'-;=?-[\]-~]*$/;

/**
 * A string as Go's encoding/json writes it, which also escapes characters of HTML and JavaScript.
 */
function goJson(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  return JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * Parses one event of an engine without losing anything of it.
 * Throws INVALID_ARGUMENT for text that is not a JSON object with a time.
 */
export function parseDockerEvent(line: string): DockerEvent {
  const { Type: type, Action: action, Actor: actor, scope, status, id } = membersOf(line);
  const { ID: actorId, Attributes: attributes } = isObject(actor) ? actor : {};
  const event: DockerEvent = {
    // Engines before API 1.22 send only status and id, for containers and images alike.
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

/** The topic of the event: /docker/<type>/<action>, without what follows a colon in the action. */
export function dockerTopic({ type, action }: Pick<DockerEvent, 'type' | 'action'>): string {
  const [verb = ''] = action.split(':');
  return `/docker/${topicComponent(type)}/${topicComponent(verb)}`;
}

/** Longest component of a topic, in bytes. */
const MAX_COMPONENT = 76;

/** Replaces each run of characters that a topic may not have by a dash. */
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
 * Reads the time from the text, because a JavaScript number cannot hold it. A match is always the
 * member: inside a string its quotes would be escaped.
 */
function timeNanoOf(line: string): bigint {
  const [, nanos] = /"timeNano":\s*(-?\d{1,20})/.exec(line) ?? [];
  if (nanos !== undefined) return BigInt(nanos);
  const [, seconds] = /"time":\s*(-?\d{1,20})/.exec(line) ?? [];
  if (seconds !== undefined) return BigInt(seconds) * NANOS_PER_SECOND;
  throw notAnEvent(line);
}

function notAnEvent(line: string): FoghornError {
  return new FoghornError(
    'INVALID_ARGUMENT',
    `expected an event of a Docker engine, a JSON object with a time, got ${JSON.stringify(excerpt(line, 200))}`,
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
