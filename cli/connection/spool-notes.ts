import type { ClientStatus } from '../../client/index.js';

/** An event that waited in a spool and can never be stored. */
export type Refused = Extract<ClientStatus, { readonly state: 'refused' }>;

/** Says that what was published waits in a spool. */
export function keptText(directory: string): string {
  return `the broker cannot be reached; kept in ${directory} until it can`;
}

export function refusalText({ topic, error }: Refused): string {
  return `the broker refused an event of ${topic}, and it is dropped: ${error.message}`;
}
