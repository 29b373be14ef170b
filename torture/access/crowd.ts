import { credentials, status } from '@grpc/grpc-js';
import { Envelope } from '../../protos/gen/containerd/types/event.js';
import type { Authority, CertificateFiles } from '../../test/support/access/authority.js';
import type { StreamProbe } from '../../test/support/stream-probe.js';
import { TestClient, type Headers } from '../../test/support/test-client.js';

/** Subscribers that prove the same identity, each on a connection of its own. */
export class Crowd {
  readonly #clients: TestClient[] = [];
  readonly #streams: StreamProbe<Buffer>[] = [];
  readonly #ended: (string | undefined)[] = [];
  #isClosing = false;

  private constructor(readonly name: string) {}

  /** Resolves when every subscription misses nothing any more. */
  static async subscribe(
    name: string,
    size: number,
    connect: () => TestClient,
    headers: Headers = {},
  ): Promise<Crowd> {
    const crowd = new Crowd(name);
    for (let index = 0; index < size; index++) {
      const client = connect();
      const stream = client.subscribe([], headers);
      crowd.#clients.push(client);
      crowd.#streams.push(stream);
      void stream.status.then(({ code, details }) => {
        if (!crowd.#isClosing) crowd.#ended[index] = `${status[code]}: ${details}`;
      });
    }
    await Promise.all(crowd.#streams.map((stream) => stream.headers));
    return crowd;
  }

  get size(): number {
    return this.#streams.length;
  }

  /** How each stream that is over ended. */
  get endings(): readonly string[] {
    return this.#ended.filter((ending) => ending !== undefined);
  }

  /** The topics that each subscriber has received from a namespace, in their order. */
  topicsOf(namespace: string): readonly (readonly string[])[] {
    return this.#streams.map(({ messages }) =>
      messages
        .map((bytes) => Envelope.decode(bytes))
        .filter((envelope) => envelope.namespace === namespace)
        .map(({ topic }) => topic),
    );
  }

  close(): void {
    this.#isClosing = true;
    for (const stream of this.#streams) stream.cancel();
    for (const client of this.#clients) client.close();
  }
}

/** Returns how clients with a certificate, or without one, connect to a broker. */
export function tlsClients(
  address: string,
  authority: Authority,
  files: CertificateFiles | undefined,
): () => TestClient {
  const { ca, key, cert } = authority.read(files ?? { cert: authority.ca, key: authority.ca });
  return () =>
    new TestClient(
      address,
      files === undefined ? credentials.createSsl(ca) : credentials.createSsl(ca, key, cert),
    );
}
