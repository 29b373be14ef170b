import { VOLUME_PREFIX, containerId, volumeName } from './subjects.js';

/** Events that a client subscribes to: its own volume or container, all volumes, or everything. */
export type Interest = 'one volume' | 'one container' | 'all volumes' | 'everything';

/**
 * Path and query of the n-th client's request. A volume is filtered by `container`, because that
 * filter compares ids of any type.
 */
export function eventsPath(interest: Interest, client: number): string {
  const filters = filtersOf(interest, client);
  const query = filters && `?filters=${encodeURIComponent(JSON.stringify(filters))}`;
  return `/v1.41/events${query ?? ''}`;
}

function filtersOf(interest: Interest, client: number): object | undefined {
  switch (interest) {
    case 'one volume':
      return { container: [volumeName(client)] };
    case 'one container':
      return { container: [containerId(client)], type: ['container'] };
    case 'all volumes':
      return { container: [VOLUME_PREFIX] };
    case 'everything':
      return undefined;
  }
}
