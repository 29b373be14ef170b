import type { ServeOptions } from '../../../server/options.js';
import type { TestClient } from '../test-client.js';
import { TestServer } from '../test-server.js';
import { DockerClient } from './docker-client.js';

/** A real server with a client of its Docker API, and one of gRPC to put events in by. */
export class DockerServer {
  readonly #dockers: DockerClient[] = [];

  private constructor(
    readonly server: TestServer,
    readonly docker: DockerClient,
    readonly grpc: TestClient,
  ) {
    this.#dockers.push(docker);
  }

  /** Shows the namespace `default`, where test/support/task-events.ts has its containers, unless told otherwise. */
  static async start(options: Partial<ServeOptions> = {}): Promise<DockerServer> {
    const server = await TestServer.start({ dockerNamespace: 'default', ...options });
    return new DockerServer(server, new DockerClient(server.dockerSocket), server.client());
  }

  /** Another client of the Docker API, on connections of its own. */
  client(): DockerClient {
    const client = new DockerClient(this.server.dockerSocket);
    this.#dockers.push(client);
    return client;
  }

  async stop(): Promise<void> {
    for (const docker of this.#dockers) docker.close();
    await this.server.stop();
  }
}
