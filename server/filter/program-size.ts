// Tokens of a pattern as far as its size goes. Escapes, classes and quoted runs are single tokens,
// because they may contain characters that look like syntax.
const PATTERN_TOKEN = new RegExp(
  [
    // A repetition after one of these applies to the token before it.
    String.raw`(?<nothing>\(\?[A-Za-z-]+\)|\\Q(?:\\E|$))`,
    String.raw`\\Q(?<quoted>.+?)(?:\\E|$)`,
    String.raw`\\(?:[pP](?:\{[^}]*(?:\}|$)|.)|x(?:\{[^}]*(?:\}|$)|[0-9A-Fa-f]{2})|[0-7]{1,3}|.)`,
    String.raw`\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*(?:\]|\\?$)`,
    String.raw`\{(?<min>0|[1-9]\d{0,5})(?<more>,(?<max>0|[1-9]\d{0,5})?)?\}`,
    String.raw`(?<group>\(\?[A-Za-z-]*:)`,
    String.raw`(?<capture>\((?:\?P?<\w+>)?)`,
    String.raw`.`,
  ].join('|'),
  'gsu',
);

// `fail` at the start of every program, `match` at its end.
const FIXED_INSTRUCTIONS = 2;
// One instruction each at the start and the end of a capturing group.
const CAPTURE_INSTRUCTIONS = 2;

/**
 * Upper bound of the instructions that a well-formed regular expression compiles to; meaningless
 * for a malformed one. Repetitions are unrolled, so a short pattern can take a second to compile:
 * this estimate rejects it before it is compiled.
 */
export function estimateProgramSize(pattern: string): number {
  const enclosing: { readonly size: number; readonly own: number }[] = [];
  let size = 0;
  // Size of the operand of a repetition that comes next.
  let last = 0;
  for (const { 0: token, groups = {} } of pattern.matchAll(PATTERN_TOKEN)) {
    if (groups.group !== undefined || groups.capture !== undefined) {
      enclosing.push({ size, own: groups.capture === undefined ? 0 : CAPTURE_INSTRUCTIONS });
      size = 0;
    } else if (token === ')') {
      const outer = enclosing.pop() ?? { size: 0, own: 0 };
      last = outer.own + Math.max(size, 1);
      size = outer.size + last;
    } else if (groups.min !== undefined) {
      const repeated = repeatedSize(last, groups);
      size += repeated - last;
      last = repeated;
    } else if (token === '*' || token === '+' || token === '?') {
      const loop = token === '*' ? 2 : 1;
      size += loop;
      last += loop;
    } else if (groups.nothing === undefined) {
      size += groups.quoted?.length ?? (token === '|' ? 2 : 1);
      last = 1;
    }
  }
  return FIXED_INSTRUCTIONS + Math.max(size, 1);
}

function repeatedSize(
  size: number,
  { min, more, max }: Record<string, string | undefined>,
): number {
  const least = Number(min);
  if (more === undefined) return Math.max(1, least * size);
  if (max === undefined) return Math.max(1, least) * size + 2;
  return Math.max(1, Number(max) * (size + 1));
}
