import { FieldSteps } from './field-steps.js';

const TYPE_URL_TAG = 0x0a;
const VALUE_TAG = 0x12;

/** Whether this is a google.protobuf.Any as encoders write it: an ASCII type, then a value, either of which may be missing. */
export function isOrdinaryAny(event: Uint8Array): boolean {
  const steps = new FieldSteps(event);
  if (steps.over(TYPE_URL_TAG, event.length)) {
    for (let at = steps.begin; at < steps.end; at++) if ((event[at] ?? 0) > 0x7f) return false;
  }
  steps.over(VALUE_TAG, event.length);
  return steps.pos === event.length;
}
