/** Operators by name; the values are what stands in a filter (`?`, the presence test, is written as nothing). */
export const Operator = {
  present: '?',
  equal: '==',
  notEqual: '!=',
  matches: '~=',
} as const;

export type Operator = (typeof Operator)[keyof typeof Operator];
