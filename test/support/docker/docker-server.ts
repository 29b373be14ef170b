import type { ServeOptions } from '../../../server/options.js';
import type { TestClient } from '../test-client.js';
import { TestServer } from '../test-server.js';
import { DockerClient } from './docker-client.js';

/** A server with a client of its Docker API and a gRPC client to publish with. */
export class DockerServer {
  readonly #dockers: DockerClient[] = [];

  private constructor(
    readonly server: TestServer,
    readonly docker: DockerClient,
    readonly grpc: TestClient,
  ) {
    this.#dockers.push(docker);
  }

  /**
   * Starts a server. It shows the namespace `default`, which test/support/task-events.ts uses,
   * unless the options say otherwise.
   */
  static async start(options: Partial<ServeOptions> = {}): Promise<DockerServer> {
    const server = await TestServer.start({ dockerNamespace: 'default', ...options });
    return new DockerServer(server, new DockerClient(server.dockerSocket), server.client());
  }

  /** Returns another client of the Docker API, with its own connections. */
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
