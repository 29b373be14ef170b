import { HEALTH_ACTION } from '../events/filed-types.js';

/** The newest result of a container's health checks. */
export type Health = 'starting' | 'healthy' | 'unhealthy';

export const HEALTHS: readonly string[] = ['starting', 'healthy', 'unhealthy'];

/** Returns the health that an event's action reports; undefined for another action. */
export function healthIn(action: string): Health | undefined {
  if (!action.startsWith(HEALTH_ACTION)) return undefined;
  const health = action.slice(HEALTH_ACTION.length);
  return HEALTHS.includes(health) ? (health as Health) : undefined;
}
