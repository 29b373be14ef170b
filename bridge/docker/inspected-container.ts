import type { DockerContainer } from '../../protos/gen/foghorn/v1/docker.js';
import type { Timestamp } from '../../protos/gen/google/protobuf/timestamp.js';
import { parseRfc3339 } from '../../protocol/rfc3339.js';

/**
 * Reads the answer to GET /containers/ID/json. Returns undefined for an answer without an id or a
 * status.
 */
export function inspectedContainer(answer: unknown): DockerContainer | undefined {
  const { Id: id, Name: name, Created: created, Image: imageId } = members(answer);
  const { Config: config, State: state } = members(answer);
  const { Image: image, Labels: labels } = members(config);
  const { Status: status, OOMKilled: oomKilled, StartedAt, FinishedAt } = members(state);
  if (typeof id !== 'string' || typeof status !== 'string') return undefined;
  return {
    id,
    name: text(name).replace(/^\//, ''),
    image: text(image),
    labels: new Map(Object.entries(members(labels)).map(([label, value]) => [label, text(value)])),
    status,
    exitCode: exitCodeOf(status, members(state)),
    createdAt: time(created),
    startedAt: time(StartedAt),
    finishedAt: time(FinishedAt),
    oomKilled: oomKilled === true,
    imageId: imageIdIn(text(imageId)),
  };
}

/** Podman writes the id without its algorithm. Returns an empty text for what is no id. */
function imageIdIn(image: string): string {
  if (/^[0-9a-f]{64}$/.test(image)) return `sha256:${image}`;
  return /^[a-z0-9]+:[0-9a-f]{32,}$/.test(image) ? image : '';
}

/**
 * An engine answers 0 for a container that runs or never ran, and the reason for one that could not
 * be started.
 */
function exitCodeOf(status: string, { ExitCode: code }: Members): number | undefined {
  if (status === 'running' || status === 'paused' || typeof code !== 'number') return undefined;
  return status === 'created' && code === 0 ? undefined : code;
}

/** A start that an engine could not carry out. */
export interface FailedStart {
  /** Exit code that the engine keeps for it; undefined if it is not known. */
  readonly exitStatus: number | undefined;
  /** For people. */
  readonly reason: string;
  /** The time of the last start that succeeded, as the engine writes it. */
  readonly startedAt: string;
}

/**
 * The failed start in an answer to GET /containers/ID/json. An engine keeps the error of the newest
 * start until one succeeds. Undefined if it has succeeded, or there was none.
 */
export function failedStart(answer: unknown): FailedStart | undefined {
  const {
    Status: status,
    ExitCode: code,
    Error: reason,
    StartedAt,
  } = members(members(answer).State);
  if (status !== 'created' && status !== 'exited') return undefined;
  if (typeof code !== 'number' || code === 0) return undefined;
  if (status === 'exited' && text(reason) === '') return undefined;
  return { exitStatus: code, reason: text(reason), startedAt: text(StartedAt) };
}

type Members = Readonly<Record<string, unknown>>;

function members(value: unknown): Members {
  return typeof value === 'object' && value !== null ? (value as Members) : {};
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Returns undefined for a time that is not set, which engines write as the year 1. */
function time(value: unknown): Timestamp | undefined {
  const instant = parseRfc3339(text(value));
  return instant && instant.seconds > 0n ? instant : undefined;
}
