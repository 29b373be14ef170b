/** Operators by name, with their spelling in a filter. A presence test (`?`) has no spelling. */
export const Operator = {
  present: '?',
  equal: '==',
  notEqual: '!=',
  matches: '~=',
} as const;

export type Operator = (typeof Operator)[keyof typeof Operator];
