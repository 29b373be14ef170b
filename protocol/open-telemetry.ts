import { createRequire } from 'node:module';

/** The API of OpenTelemetry. */
export type OpenTelemetry = typeof import('@opentelemetry/api');

/** The place where all copies of the API find what an SDK has registered. */
const REGISTRY = Symbol.for('opentelemetry.js.api.1');

/**
 * OpenTelemetry's API where this process has an SDK that traces; undefined in any other process,
 * which then does not even load the API. An SDK is there before its user: by `node --import`, or by
 * a program that registers it first.
 */
export function openTelemetry(): OpenTelemetry | undefined {
  const registry = (globalThis as Record<symbol, unknown>)[REGISTRY];
  if (typeof registry !== 'object' || registry === null || !('trace' in registry)) return undefined;
  try {
    return createRequire(import.meta.url)('@opentelemetry/api') as OpenTelemetry;
  } catch {
    // The registry of a program that does not have the API where this library finds it.
    return undefined;
  }
}
