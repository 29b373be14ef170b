import type { ClientStatus } from '../../client/index.js';

/** A spooled event that the broker refused, so that it can never be stored. */
export type Refused = Extract<ClientStatus, { readonly state: 'refused' }>;

/** Reports that a published event is kept in a spool. */
export function keptText(directory: string): string {
  return `cannot reach the broker; the event is kept in ${directory} until it is back`;
}

export function refusalText({ topic, error }: Refused): string {
  return `the broker refused an event of ${topic}, so it was dropped: ${error.message}`;
}
