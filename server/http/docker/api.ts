import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Caller } from '../../access/caller.js';
import type { ApiVersions } from '../../docker/api-version.js';
import type { Containers } from '../../docker/containers.js';
import type { DockerSource } from '../../docker/docker-source.js';
import type { ClientErrors } from '../../internal-error.js';
import type { CountCall } from '../../edge.js';

/** Everything that the routes of the Docker API need. */
export interface DockerApi {
  readonly source: DockerSource;
  readonly containers: Containers;
  readonly versions: ApiVersions;
  /** Foghorn's version. */
  readonly version: string;
  /** Whether an engine answers what history cannot. */
  readonly hasEngine: boolean;
  /**
   * Waits at the engine, too, and resolves with its exit code; undefined if it has none. Absent
   * without an engine.
   */
  readonly waitAtEngine?: (
    id: string,
    condition: string,
    signal: AbortSignal,
  ) => Promise<number | undefined>;
  readonly errors: ClientErrors;
  /** Counts an answered request by the path of its route. */
  readonly countCall: CountCall;
}

/** One request, with the parts that routes use. */
export interface ApiRequest {
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  readonly caller: Caller;
  /** The API version of the answer. */
  readonly version: string;
  /** Query parameters; the first of several values counts. */
  readonly parameters: URLSearchParams;
  /** The part of the path that the route calls `name`; empty without one. */
  readonly name: string;
  /** Aborts when the client has disconnected or the answer is complete. */
  readonly gone: AbortSignal;
}

/** Answers one request. An error before the answer has begun becomes the answer. */
export type Route = (api: DockerApi, request: ApiRequest) => Promise<void>;
