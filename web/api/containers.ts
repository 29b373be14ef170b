import { fetchJson } from './problem.js';
import type { ApiContainer } from './runs.js';

/** Finds a container by its whole id, also a removed one. */
export async function findContainer(
  namespace: string,
  id: string,
): Promise<ApiContainer | undefined> {
  const query = new URLSearchParams({ namespace, reference: id, removed: 'true' });
  const { containers } = await fetchJson<{ containers: ApiContainer[] }>(
    `/v1/containers?${query.toString()}`,
  );
  return containers.find((container) => container.id === id);
}
