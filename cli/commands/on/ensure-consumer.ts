import type { Client, ReadStart } from '../../../client/index.js';
import { FoghornError, type ConsumerOptions } from '../../../client/index.js';

/**
 * Makes the consumer if there is none, and gives one that exists the filters of the command line.
 * Returns a sentence about what it did; empty for nothing.
 */
export async function ensureConsumer(
  client: Client,
  name: string,
  options: ConsumerOptions,
  start: ReadStart,
): Promise<string> {
  const existing = await find(client, name);
  if (existing === undefined) {
    await client.consumers.create(name, options, { start });
    return `created consumer ${name}`;
  }
  const { settings } = existing;
  const before = settings?.filters ?? [];
  const { filters = [], maxDeliveries } = options;
  const isSame =
    JSON.stringify(before) === JSON.stringify(filters) &&
    (maxDeliveries === undefined || maxDeliveries === settings?.maxDeliveries);
  if (isSame) return '';
  await client.consumers.update(name, options);
  return `changed consumer ${name}, which had the filters ${JSON.stringify(before)}`;
}

async function find(client: Client, name: string) {
  try {
    return await client.consumers.get(name);
  } catch (error) {
    if (error instanceof FoghornError && error.code === 'NOT_FOUND') return undefined;
    throw error;
  }
}
