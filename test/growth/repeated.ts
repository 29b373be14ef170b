import { expectLinear } from './growth.js';

/** Inputs that are repetitions of a unit. */
export interface Repeated<Input> {
  readonly reads: string;
  readonly units: readonly string[];
  readonly read: (input: Input) => unknown;
  /** Surrounds the repetitions. */
  readonly before?: string;
  readonly after?: string;
  readonly maxLength?: number;
}

/** Tests that each text and each message, made of each of its units, is read in linear time. */
export function itReadsRepeated(
  texts: readonly Repeated<string>[],
  messages: readonly Repeated<Buffer>[],
): void {
  for (const { reads, units, before = '', after = '', ...rest } of texts) {
    for (const unit of units) {
      it(`${reads}: ${JSON.stringify(before + unit + unit + after)}`, () => {
        const make = (length: number): string =>
          before + unit.repeat(Math.ceil(length / unit.length)) + after;
        expectLinear({ ...rest, make });
      });
    }
  }

  for (const { reads, units, ...rest } of messages) {
    for (const unit of units) {
      it(`${reads}: ${unit}${unit}`, () => {
        expectLinear({ ...rest, make: (length) => Buffer.alloc(length, unit, 'hex') });
      });
    }
  }
}
