import type { HttpRoute } from '../route.js';
import type { HttpApi } from './api.js';
import { containerRoutes } from './containers.js';
import { describeRoutes } from './describe.js';
import { eventRoutes } from './event-routes.js';
import { operationRoutes } from './operations.js';
import { openApiRoute } from './openapi/route.js';
import { waitRoute } from './wait.js';

/** The routes of the HTTP API, `/v1`. */
export function apiRoutes(api: HttpApi): readonly HttpRoute[] {
  return [
    ...eventRoutes(api),
    ...describeRoutes(api),
    ...operationRoutes(api),
    ...containerRoutes(api),
    waitRoute(api),
    openApiRoute(api.identity.version),
  ];
}
