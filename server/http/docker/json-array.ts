import type { ServerResponse } from 'node:http';
import { TimeSlices } from '../../docker/time-slices.js';
import { sendText } from '../answer.js';
import { writable } from '../writable.js';

/** Characters that are collected before they are written. */
const PART_LENGTH = 64 * 1024;

/**
 * Sends an array as JSON. A long one is made and sent in parts, so that it neither keeps the event
 * loop nor is in memory as a whole. Undefined items are left out; other work may run at each.
 *
 * @param gone aborts when the client has gone
 */
export async function sendJsonArray(
  response: ServerResponse,
  items: Iterable<object | undefined>,
  gone: AbortSignal,
): Promise<void> {
  const slices = new TimeSlices();
  let text = '[';
  let isFirst = true;
  for (const item of items) {
    await slices.pause();
    if (gone.aborted) return;
    if (item === undefined) continue;
    text += (isFirst ? '' : ',') + JSON.stringify(item);
    isFirst = false;
    if (text.length < PART_LENGTH) continue;
    if (!response.headersSent) response.writeHead(200, { 'Content-Type': 'application/json' });
    if (!response.write(text)) await writable(response);
    text = '';
  }
  text += ']\n';
  if (response.headersSent) response.end(text);
  else sendText(response, 200, 'application/json', text);
}
