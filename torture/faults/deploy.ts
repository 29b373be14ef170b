import type { Deployment, DeploymentParts } from './deployment.js';
import { LmdbDeployment } from './lmdb-deployment.js';
import { RedisDeployment } from './redis-deployment.js';
import type { StoreKind } from './schedule.js';

/** Creates a deployment whose brokers are not started yet. */
export async function deploy(store: StoreKind, parts: DeploymentParts): Promise<Deployment> {
  return store === 'lmdb' ? LmdbDeployment.create(parts) : RedisDeployment.create(parts);
}
