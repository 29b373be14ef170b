import type { Client, ReadStart } from '../../../client/index.js';
import { sizeText } from '../../format/size.js';
import { FoghornError, type ConsumerOptions } from '../../../client/index.js';

/**
 * Makes the consumer if there is none, and gives one that exists the filters of the command line.
 * Returns a sentence about what it did, and what it kept; empty for nothing.
 *
 * @param start where a new consumer begins, if the user has said it; from now on otherwise
 */
export async function ensureConsumer(
  client: Client,
  name: string,
  options: ConsumerOptions,
  start: ReadStart | undefined,
): Promise<string> {
  const existing = await find(client, name);
  if (existing === undefined) {
    await client.consumers.create(name, options, { start: start ?? 'now' });
    return `created consumer ${name}`;
  }
  const { settings } = existing;
  const { filters = [], maxDeliveries } = options;
  const heldBefore = Number(settings?.holdBytes ?? 0n);
  const { hold = heldBefore } = options;
  const before = settings?.filters ?? [];
  const changes = [
    ...(JSON.stringify(before) === JSON.stringify(filters)
      ? []
      : [`its filters are ${filtersText(filters)}, and were ${filtersText(before)}`]),
    ...(maxDeliveries === undefined || maxDeliveries === settings?.maxDeliveries
      ? []
      : [
          `it tries an event ${maxDeliveries} times, and tried ${triesText(settings?.maxDeliveries)}`,
        ]),
    ...(hold === heldBefore
      ? []
      : [`retention waits for ${holdText(hold)}, and waited for ${holdText(heldBefore)}`]),
  ];
  if (changes.length > 0) await client.consumers.change(name, options);
  const kept =
    start === undefined
      ? []
      : [
          `it continues where it was: --since and --all count at its first start (see foghorn consumers reset ${name})`,
        ];
  const notes = [...changes, ...kept];
  if (notes.length === 0) return '';
  return `${changes.length > 0 ? 'changed consumer' : 'consumer'} ${name}: ${notes.join('; ')}`;
}

function holdText(bytes: number): string {
  return bytes === 0 ? 'none of its events' : `up to ${sizeText(BigInt(bytes))} of events`;
}

function triesText(maxDeliveries = 0): string {
  return maxDeliveries === 0 ? 'without limit' : `${maxDeliveries} times`;
}

function filtersText(filters: readonly string[]): string {
  return filters.length === 0 ? 'none, so every event passes' : JSON.stringify(filters);
}

async function find(client: Client, name: string) {
  try {
    return await client.consumers.get(name);
  } catch (error) {
    if (error instanceof FoghornError && error.code === 'NOT_FOUND') return undefined;
    throw error;
  }
}
