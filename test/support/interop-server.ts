import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { GrpcEdge } from '../../server/grpc/grpc-edge.js';
import { INTEROP_METHODS } from './interop-service.js';
import { WIRES, type Wire } from './wires.js';
import { openListeners } from './open-listeners.js';

const DRAIN_MS = 100;

/** A gRPC server of grpc.testing.TestService alone, on a unix socket and on TCP. */
export class InteropServer {
  private constructor(
    private readonly directory: string,
    private readonly edges: readonly GrpcEdge[],
    readonly unix: string,
    readonly tcp: string,
  ) {}

  /** @param way `passed` for calls that pass through a server without methods */
  static async start(way: Wire | 'passed' = 'own'): Promise<InteropServer> {
    const directory = mkdtempSync(join(tmpdir(), 'foghorn-interop-'));
    const log = pino({ level: 'silent' });
    const wire = WIRES[way === 'passed' ? 'own' : way];
    const edges = [new GrpcEdge(INTEROP_METHODS, wire, openListeners(), DRAIN_MS, log)];
    if (way === 'passed') {
      const address = await edges[0]!.listen(`unix://${directory}/behind.sock`);
      const target = { address, substitutes: new Map() };
      edges.unshift(new GrpcEdge([], wire, openListeners(), DRAIN_MS, log, target));
    }
    const unix = await edges[0]!.listen(`unix://${directory}/s.sock`);
    return new InteropServer(directory, edges, unix, await edges[0]!.listen('127.0.0.1:0'));
  }

  async stop(): Promise<void> {
    for (const edge of this.edges) await edge.close();
    rmSync(this.directory, { recursive: true });
  }
}
