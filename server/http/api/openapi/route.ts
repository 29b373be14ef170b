import { sendJson } from '../../answer.js';
import type { HttpRoute } from '../../route.js';
import { PATHS } from './paths.js';
import { SCHEMAS } from './schemas.js';

/** `/v1/openapi.json`: the description of the HTTP API for programs. */
export function openApiRoute(version: string): HttpRoute {
  const document = {
    openapi: '3.1.0',
    info: {
      title: 'Foghorn',
      version,
      description: 'containerd and Docker events that survive: publish, read, follow, and wait.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths: PATHS,
    components: { schemas: SCHEMAS },
  };
  return {
    method: 'GET',
    path: '/v1/openapi.json',
    answer: ({ response }) => {
      sendJson(response, document);
    },
  };
}
