import type { ContainerStatus } from './container-state.js';
import type { Health } from './health.js';
import { humanDuration } from './human-duration.js';

/**
 * The state of a container according to events. Times are ns since 1970; undefined if not reported.
 */
export interface ContainerCondition {
  readonly status: ContainerStatus;
  readonly startedAt: bigint | undefined;
  readonly finishedAt: bigint | undefined;
  readonly exitCode: number | undefined;
  readonly health?: Health | undefined;
}

/**
 * The STATUS column of `docker ps`: `Up 5 minutes (Paused)`, `Up 5 minutes (healthy)`,
 * `Exited (7) 3 seconds ago`. An unknown exit code is shown as 255, as in inspect.
 */
export function statusText(condition: ContainerCondition, now: bigint): string {
  const { status, startedAt, finishedAt, exitCode = 255 } = condition;
  switch (status) {
    case 'created':
      return 'Created';
    case 'running':
      return `${up(startedAt, now)}${healthText(condition.health)}`;
    case 'restarting':
      return `Restarting (${exitCode})${ago(finishedAt, now)}`;
    case 'paused':
      return `${up(startedAt, now)} (Paused)`;
    case 'exited':
      return `Exited (${exitCode})${ago(finishedAt, now)}`;
    case 'removed':
      return 'Removal In Progress';
  }
}

function healthText(health: Health | undefined): string {
  if (health === undefined) return '';
  return health === 'starting' ? ' (health: starting)' : ` (${health})`;
}

function up(startedAt: bigint | undefined, now: bigint): string {
  return startedAt === undefined ? 'Up' : `Up ${humanDuration(now - startedAt)}`;
}

function ago(time: bigint | undefined, now: bigint): string {
  return time === undefined ? '' : ` ${humanDuration(now - time)} ago`;
}
