import { hasFailed, type Container, type ContainerRun } from '../../protocol/container.js';
import { familiarName } from '../../protocol/image-reference.js';
import { spanText } from './moment.js';
import type { Style } from './style.js';

/** Characters of an id that Docker shows. */
const SHORT_ID = 12;

const LONG_ID = /^[0-9a-f]{64}$/;

/** An id, shortened if it is one of an engine's. */
export function shortId(id: string): string {
  return LONG_ID.test(id) ? id.slice(0, SHORT_ID) : id;
}

/** The name for people. */
export function nameText({ name }: Pick<Container, 'name'>): string {
  return shortId(name);
}

/** The image in Docker's short form. */
export function imageText({ image }: Pick<Container, 'image'>): string {
  return image === '' ? '-' : familiarName(image);
}

/** The state in words: `running`, `exited 137 (out of memory)`, `lost`. */
export function stateText({ state, run }: Container): string {
  if (state !== 'exited' || run === undefined) return state;
  return run.failedToStart ? `failed to start ${run.exitCode ?? ''}`.trimEnd() : endText(run);
}

export function stateStyle({ state, run }: Container): Style | undefined {
  switch (state) {
    case 'running':
      return 'green';
    case 'paused':
      return 'yellow';
    case 'lost':
      return 'red';
    case 'exited':
      return run !== undefined && hasFailed(run) ? 'red' : 'dim';
    default:
      return 'dim';
  }
}

/** How a run ended, in words. */
export function endText({ exitCode, oom, failedToStart }: ContainerRun): string {
  if (exitCode === undefined) return 'lost';
  const what = failedToStart ? 'failed to start' : 'exited';
  return `${what} ${exitCode}${oom ? ' (out of memory)' : ''}`;
}

/** How long a run took, or has taken until a moment; undefined if that is not known. */
export function spanOf(
  { startedAt, finishedAt, lastSeen, lostReason }: ContainerRun,
  at: bigint,
): bigint | undefined {
  const end = finishedAt ?? (lostReason === '' ? at : lastSeen);
  if (startedAt === undefined || end === undefined || end < startedAt) return undefined;
  return end - startedAt;
}

/** That duration in words; `-` if it is not known, and at least so long if the end is lost. */
export function runSpanText(run: ContainerRun, at: bigint): string {
  const span = spanOf(run, at);
  if (span === undefined) return '-';
  return (run.lostReason === '' ? '' : '≥ ') + spanText(span);
}
