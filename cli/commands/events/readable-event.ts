import type { Any, Entry } from '../../../client/index.js';
import { nanosFromTimestamp, unpack } from '../../../client/index.js';
import { familiarName } from '../../../protocol/image-reference.js';
import { JSON_OBJECT_TYPE } from '../../../protocol/json-value.js';
import type { PayloadTypes } from '../../../protocol/payload-types.js';
import { spanText } from '../../format/moment.js';
import { OBSERVED_EXEC_TOPIC } from '../../../protocol/recorder-topics.js';
import { payloadContent, payloadJson } from '../../../protocol/event-json.js';
import { laterFinding, type LaterFinding } from './later-finding.js';
import { recordingNote } from './recording-notes.js';

/** An event for people: one fact, whoever reported it. */
export interface ReadableEvent {
  /** ns since 1970; undefined if the event has no time. */
  readonly time: bigint | undefined;
  readonly namespace: string;
  readonly topic: string;
  readonly cursor: string;
  /** Name of the container, image, …; empty if it has none. */
  readonly name: string;
  /** Full id of the container, image, …; empty if it has none. */
  readonly id: string;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  /** `die`, `create`, …; empty for events that Docker clients do not see. */
  readonly action: string;
  /** The fact in words. */
  readonly what: string;
  readonly exitCode: number | undefined;
  readonly outcome: 'good' | 'bad' | 'none';
}

/** The JSON object of an event for Docker clients. */
interface DockerJson {
  readonly Type: string;
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
}

/** Attributes that are no labels. */
const OWN_ATTRIBUTES: ReadonlySet<string> = new Set([
  'name',
  'image',
  'exitCode',
  'execDuration',
  'execID',
  'signal',
  'oldName',
]);

/** The entry for people. It was read with `dockerView`. */
export function describeEntry(entry: Entry, types: PayloadTypes): ReadableEvent {
  const { dockerEvent } = entry;
  if (dockerEvent !== undefined) {
    return fromDocker(entry, JSON.parse(dockerEvent) as DockerJson);
  }
  return fromPayload(entry, types);
}

/**
 * Whether the entry tells a fact of its own: it is shown to Docker clients, or not about a
 * container. A task event of containerd or an observed end of a run that Docker clients do not see
 * repeats another entry's fact. They never see the observed end of an exec, which repeats none.
 */
export function isOwnFact({ dockerEvent, topic, event }: Entry): boolean {
  if (dockerEvent !== undefined) return true;
  if (topic === OBSERVED_EXEC_TOPIC) return true;
  const kind = laterFinding(event)?.kind;
  return kind !== 'ended' && kind !== 'lost' && !ABOUT_CONTAINERS.test(topic);
}

/** Topics of events about containers, which Docker clients see once for each fact. */
const ABOUT_CONTAINERS = /^\/(tasks|containers)\/|^\/foghorn\/(docker|containerd)-container$/;

function common({ timestamp, namespace, topic, cursor }: Entry) {
  return { time: timestamp && nanosFromTimestamp(timestamp), namespace, topic, cursor };
}

function fromDocker(entry: Entry, { Type, Action, Actor }: DockerJson): ReadableEvent {
  const { Attributes: attributes } = Actor;
  const code = attributes.exitCode;
  const exitCode = code !== undefined && /^\d+$/.test(code) ? Number(code) : undefined;
  const { name = Actor.ID, image = '' } = attributes;
  const labels = Object.entries(attributes).filter(([label]) => !OWN_ATTRIBUTES.has(label));
  const observed = Action === 'die' ? laterFinding(entry.event) : undefined;
  const lost = observed?.kind === 'lost' ? observed : undefined;
  const isEnd = Action === 'die' || Action === 'exec_die';
  return {
    ...common(entry),
    name,
    id: Actor.ID,
    image: familiarName(image),
    labels: Object.fromEntries(labels),
    action: Action,
    what: lost?.what ?? wordsOf(Type, Action, attributes),
    exitCode: lost === undefined ? exitCode : undefined,
    outcome: lost !== undefined || isBad(Action, exitCode) ? 'bad' : isEnd ? 'good' : 'none',
  };
}

function isBad(action: string, exitCode: number | undefined): boolean {
  if (action === 'oom' || action === 'health_status: unhealthy') return true;
  return action === 'die' && exitCode !== undefined && exitCode !== 0;
}

/** Actions of containers in words. */
const WORDS: Readonly<Record<string, string>> = {
  create: 'created',
  start: 'started',
  destroy: 'removed',
  remove: 'removed',
  pause: 'paused',
  unpause: 'resumed',
  stop: 'stopped',
  restart: 'restarted',
  oom: 'out of memory',
  attach: 'attached',
  detach: 'detached',
  update: 'updated',
  checkpoint: 'checkpointed',
};

function wordsOf(
  type: string,
  action: string,
  attributes: Readonly<Record<string, string>>,
): string {
  if (type !== 'container') return `${type} ${WORDS[action] ?? action}`;
  const { exitCode = '?', execDuration, signal, oldName, execID = '' } = attributes;
  if (action === 'die') return `exited ${exitCode}${durationText(execDuration)}`;
  if (action === 'exec_die') return `exec exited ${exitCode}`;
  if (action === 'kill') return `signal ${signal ?? '?'}`;
  if (action === 'rename') return `renamed from ${(oldName ?? '?').replace(/^\//, '')}`;
  const [verb, detail] = splitOnce(action, ': ');
  if (verb === 'health_status') return detail ?? 'health checked';
  if (verb.startsWith('exec_')) {
    return `exec ${WORDS[verb.slice('exec_'.length)] ?? verb}: ${detail ?? execID}`;
  }
  return WORDS[action] ?? action;
}

/** @param execDuration whole seconds, rounded down, as Docker gives them */
function durationText(execDuration: string | undefined): string {
  if (execDuration === undefined || !/^\d{1,15}$/.test(execDuration)) return '';
  const seconds = BigInt(execDuration);
  return seconds === 0n ? ' in under 1 s' : ` after ${spanText(seconds * 1_000_000_000n)}`;
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}

/** Longest payload in words. */
const MAX_PAYLOAD_LENGTH = 2000;

/** A JSON payload as it is, another with its type. */
export function shownPayload(event: Any, types: PayloadTypes): unknown {
  const isJson = event.typeUrl === JSON_OBJECT_TYPE;
  return (isJson ? payloadContent(event, types) : undefined) ?? payloadJson(event, types);
}

/** The fields of payloads that name what they are about, and how it ended. */
interface NamingPayload {
  readonly containerId?: string;
  readonly name?: string;
  readonly key?: string;
  readonly id?: string;
  readonly exitStatus?: number;
}

/** An event that Docker clients do not see: its topic, and what its payload says. */
function fromPayload(entry: Entry, types: PayloadTypes): ReadableEvent {
  const { event } = entry;
  const payload = unpack(event)?.value as NamingPayload | undefined;
  const name = payload?.containerId ?? payload?.name ?? payload?.key ?? payload?.id ?? '';
  const observed = laterFinding(event);
  return {
    ...common(entry),
    name,
    id: name,
    image: '',
    labels: {},
    action: '',
    what: observed?.what ?? recordingNote(event) ?? payloadWords(entry, types),
    exitCode: observed?.exitCode ?? payload?.exitStatus,
    outcome: outcomeOf(observed),
  };
}

function payloadWords({ topic, event }: Entry, types: PayloadTypes): string {
  const text = event === undefined ? '' : JSON.stringify(shownPayload(event, types));
  return `${topic} ${text.slice(0, MAX_PAYLOAD_LENGTH)}`.trimEnd();
}

function outcomeOf(finding: LaterFinding | undefined): ReadableEvent['outcome'] {
  if (finding === undefined || finding.kind === 'goesOn') return 'none';
  return finding.kind === 'ended' && finding.exitCode === 0 ? 'good' : 'bad';
}
