import { loadSync } from '@grpc/proto-loader';
import {
  Client,
  credentials,
  loadPackageDefinition,
  type ClientDuplexStream,
  type ClientReadableStream,
  type ServiceClientConstructor,
} from '@grpc/grpc-js';
import { protoPath } from 'grpc-health-check';
import { StreamProbe } from './stream-probe.js';

export interface HealthStatus {
  readonly status: 'UNKNOWN' | 'SERVING' | 'NOT_SERVING';
}

interface HealthClient extends Client {
  watch(request: { service: string }): ClientReadableStream<HealthStatus>;
}

/** Calls grpc.health.v1.Health.Watch, as a load balancer does. */
export function watchHealth(address: string, service = ''): StreamProbe<HealthStatus> {
  const Health = serviceIn(protoPath, 'grpc.health.v1.Health');
  const client = new Health(address, credentials.createInsecure()) as unknown as HealthClient;
  const probe = new StreamProbe(client.watch({ service }));
  void probe.status.then(() => {
    client.close();
  });
  return probe;
}

interface ReflectionResponse {
  readonly listServicesResponse: { readonly service: readonly { readonly name: string }[] };
}

interface ReflectionClient extends Client {
  serverReflectionInfo(): ClientDuplexStream<{ listServices: string }, ReflectionResponse>;
}

/** The versions of the reflection service that servers offer. */
export const REFLECTION_VERSIONS = ['v1', 'v1alpha'] as const;

/** Resolves with the names of the services that a server reports. */
export async function listServices(
  address: string,
  version: (typeof REFLECTION_VERSIONS)[number],
): Promise<string[]> {
  const file = `../../node_modules/@grpc/reflection/build/proto/grpc/reflection/${version}/reflection.proto`;
  const { pathname } = new URL(file, import.meta.url);
  const Reflection = serviceIn(pathname, `grpc.reflection.${version}.ServerReflection`);
  const client = new Reflection(
    address,
    credentials.createInsecure(),
  ) as unknown as ReflectionClient;
  const call = client.serverReflectionInfo();
  try {
    return await new Promise((resolve, reject) => {
      call.on('error', reject);
      call.on('data', ({ listServicesResponse }: ReflectionResponse) => {
        resolve(listServicesResponse.service.map(({ name }) => name));
      });
      call.write({ listServices: '' });
    });
  } finally {
    call.end();
    client.close();
  }
}

function serviceIn(file: string, name: string): ServiceClientConstructor {
  const packages = loadPackageDefinition(loadSync(file, { enums: String }));
  const found = name.split('.').reduce<unknown>((at, part) => (at as never)[part], packages);
  return found as ServiceClientConstructor;
}
