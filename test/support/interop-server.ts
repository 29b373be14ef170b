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
    private readonly edge: GrpcEdge,
    readonly unix: string,
    readonly tcp: string,
  ) {}

  static async start(wire: Wire = 'own'): Promise<InteropServer> {
    const directory = mkdtempSync(join(tmpdir(), 'foghorn-interop-'));
    const log = pino({ level: 'silent' });
    const edge = new GrpcEdge(INTEROP_METHODS, WIRES[wire], openListeners(), DRAIN_MS, log);
    const unix = await edge.listen(`unix://${directory}/s.sock`);
    return new InteropServer(directory, edge, unix, await edge.listen('127.0.0.1:0'));
  }

  async stop(): Promise<void> {
    await this.edge.close();
    rmSync(this.directory, { recursive: true });
  }
}
