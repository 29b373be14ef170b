import type { Attack } from '../attack.js';
import { DOCKER_CLIENTS } from './docker-clients.js';
import { FILTERS } from './filters.js';
import { LARGE_EVENTS } from './large-events.js';
import { READERS } from './readers.js';
import { REFUSED_EVENTS } from './refused-events.js';

export const ATTACKS: readonly Attack[] = [
  ...REFUSED_EVENTS,
  ...FILTERS,
  ...READERS,
  ...LARGE_EVENTS,
  ...DOCKER_CLIENTS,
];
