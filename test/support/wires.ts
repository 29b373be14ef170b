import { createHttp2Server } from '../../server/http2/index.js';
import { createNodeHttp2Server } from '../../server/node-http2/node-http2-server.js';

/** The HTTP/2 servers that gRPC runs over, by the name of their option. */
export const WIRES = { own: createHttp2Server, node: createNodeHttp2Server } as const;

export type Wire = keyof typeof WIRES;

export const WIRE_NAMES = Object.keys(WIRES) as readonly Wire[];
