/** Nothing but an event ends so: the line of JSON ends there, and chunks end with a carriage return. */
const EVENT_END = '}\n';
/** Digits of `timeNano`, in front of that: ten of seconds and nine of nanoseconds. */
const DIGITS = 19;
/** Of those, as many as are microseconds. */
const MICROS_DIGITS = 16;
const ZERO = '0'.charCodeAt(0);

/**
 * Counts the events in the body of an event stream as it comes, and tells the time in each. It looks for no more than that, so that
 * the clients do not take the processor from what is measured.
 */
export class EventCounter {
  #rest: Buffer = Buffer.alloc(0);

  /** @param onEvent is told when the event happened, microseconds since 1970 */
  constructor(private readonly onEvent: (timeMicros: number) => void) {}

  /** Takes the next bytes into account, wherever they were cut. */
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

/** `"timeNano"` is the last member. */
function microsBefore(data: Buffer, end: number): number {
  let micros = 0;
  for (let at = end - DIGITS; at < end - DIGITS + MICROS_DIGITS; at++) {
    micros = micros * 10 + ((data[at] ?? NaN) - ZERO);
  }
  return micros;
}
