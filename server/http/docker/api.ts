import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { ApiVersions } from '../../docker/api-version.js';
import type { Containers } from '../../docker/containers.js';
import type { StreamSource } from '../../docker/stream-source.js';

/** What the Docker API is served from. */
export interface DockerApi {
  readonly source: StreamSource;
  readonly containers: Containers;
  readonly versions: ApiVersions;
  /** Of Foghorn. */
  readonly version: string;
  readonly log: Logger;
}

/** One request, as far as every route wants to know it. */
export interface ApiRequest {
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  /** Of the API, in which to answer. */
  readonly version: string;
  /** Of several values, the first counts. */
  readonly parameters: URLSearchParams;
  /** What stands in the path where a route has a name for it. */
  readonly name: string;
  /** Aborts when the client has gone or the answer is complete. */
  readonly gone: AbortSignal;
}

/** Answers one request. What it throws before it has begun to answer is told to the client. */
export type Route = (api: DockerApi, request: ApiRequest) => Promise<void>;
