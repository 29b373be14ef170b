import { ALL_VOLUMES, containerId, volumeName } from './subjects.js';

/** What a client asks for: one volume or one container each, all volumes, or whatever there is. */
export type Interest = 'one volume' | 'one container' | 'all volumes' | 'everything';

/** The path and query of the request of the so manieth client. A filter for containers looks at volumes, too: it goes by the id. */
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
      return { container: [ALL_VOLUMES] };
    case 'everything':
      return undefined;
  }
}
