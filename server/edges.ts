import type { Logger } from 'pino';
import type { Edge } from './edge.js';
import type { ServeOptions } from './options.js';

/** The name of the option with an edge's addresses. */
export type EdgeName = 'grpc' | 'ttrpc' | 'docker' | 'http';

export interface NamedEdge {
  readonly name: EdgeName;
  readonly edge: Edge;
}

/**
 * Makes every edge listen, the HTTP edge last, whose health checks then speak for all. Resolves
 * with the addresses as clients use them.
 */
export async function listenOnAll(
  edges: readonly NamedEdge[],
  options: ServeOptions,
  log: Logger,
): Promise<ReadonlyMap<EdgeName, readonly string[]>> {
  const listening = new Map<EdgeName, string[]>();
  for (const { name, edge } of [...edges].sort(httpLast)) {
    const addresses: string[] = [];
    for (const address of options[name]) {
      try {
        const listeningOn = await edge.listen(address);
        log.info({ api: name, address: listeningOn }, 'listening');
        addresses.push(listeningOn);
      } catch (error) {
        if (!(name === 'http' && options.httpIsOptional)) throw error;
        log.warn(
          `http: ${reasonOf(error)}; this broker runs without its page, HTTP API and metrics: ` +
            'choose another address with --http, or --http none',
        );
      }
    }
    listening.set(name, addresses);
  }
  return listening;
}

/**
 * Drains every edge. The HTTP edge closes last, so that health checks see the drain. Throws the
 * first failure once all are closed.
 */
export async function closeEdges(edges: readonly NamedEdge[]): Promise<void> {
  for (const { edge } of edges) edge.drain?.();
  const others = edges.filter(({ name }) => name !== 'http');
  const last = edges.filter(({ name }) => name === 'http');
  const results = [...(await closeAll(others)), ...(await closeAll(last))];
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

function closeAll(edges: readonly NamedEdge[]): Promise<PromiseSettledResult<void>[]> {
  return Promise.allSettled(edges.map(({ edge }) => edge.close()));
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  const isHeld = (cause as NodeJS.ErrnoException | undefined)?.code === 'EADDRINUSE';
  return isHeld ? `${message} (by another broker or program)` : message;
}

function httpLast(one: NamedEdge, other: NamedEdge): number {
  return Number(one.name === 'http') - Number(other.name === 'http');
}
