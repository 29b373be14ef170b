/** Ends a line of JSON, and nothing else: HTTP chunks end with a carriage return. */
const EVENT_END = '}\n';
/** Digits of `timeNano`, just before the end: ten of seconds and nine of nanoseconds. */
const NANOS_DIGITS = 19;
/** Leading digits that make up the microseconds. */
const MICROS_DIGITS = 16;
const ZERO_DIGIT = '0'.charCodeAt(0);

/**
 * Counts the events in the body of an event stream and reports the time of each. It parses nothing
 * else, so that the clients leave the processor to the measured daemon.
 */
export class EventCounter {
  #rest: Buffer = Buffer.alloc(0);

  /** @param onEvent called with the event's time, microseconds since 1970 */
  constructor(private readonly onEvent: (timeMicros: number) => void) {}

  /** Adds the next bytes of the body, cut anywhere. */
  add(bytes: Buffer): void {
    const data = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    let begin = 0;
    for (;;) {
      const end = data.indexOf(EVENT_END, begin, 'latin1');
      if (end < 0) break;
      this.onEvent(microsBefore(data, end));
      begin = end + EVENT_END.length;
    }
    this.#rest = data.subarray(begin);
  }
}

/** Microseconds of `timeNano`, the last member of the object that ends at `end`. */
function microsBefore(data: Buffer, end: number): number {
  let micros = 0;
  for (let at = end - NANOS_DIGITS; at < end - NANOS_DIGITS + MICROS_DIGITS; at++) {
    micros = micros * 10 + ((data[at] ?? NaN) - ZERO_DIGIT);
  }
  return micros;
}
