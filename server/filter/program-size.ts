// The parts of a pattern that matter for its size: escapes, classes and quoted runs hide what looks like syntax.
const PART = new RegExp(
  [
    // A repetition after these applies to what stands before them.
    String.raw`(?<nothing>\(\?[A-Za-z-]+\)|\\Q(?:\\E|$))`,
    String.raw`\\Q(?<quoted>.+?)(?:\\E|$)`,
    String.raw`\\(?:[pP](?:\{[^}]*\}|.)|x(?:\{[^}]*\}|[0-9A-Fa-f]{2})|[0-7]{1,3}|.)`,
    String.raw`\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]`,
    String.raw`\{(?<min>0|[1-9]\d{0,5})(?<more>,(?<max>0|[1-9]\d{0,5})?)?\}`,
    String.raw`(?<group>\(\?[A-Za-z-]*:)`,
    String.raw`(?<capture>\((?:\?P?<\w+>)?)`,
    String.raw`.`,
  ].join('|'),
  'gsu',
);

// How a program starts failing and ends matching.
const FIXED_INSTRUCTIONS = 2;
// Where a capturing group starts and ends.
const CAPTURE_INSTRUCTIONS = 2;

/**
 * How many instructions a regular expression compiles to, at most (a pattern that is well-formed; for any other the
 * number means nothing). Repetitions are unrolled, so a short pattern can be huge and take a second to compile: this
 * tells without compiling.
 */
export function estimateProgramSize(pattern: string): number {
  const enclosing: { readonly size: number; readonly own: number }[] = [];
  let size = 0;
  // Size of what a repetition that comes next would repeat.
  let last = 0;
  for (const { 0: part, groups = {} } of pattern.matchAll(PART)) {
    if (groups.group !== undefined || groups.capture !== undefined) {
      enclosing.push({ size, own: groups.capture === undefined ? 0 : CAPTURE_INSTRUCTIONS });
      size = 0;
    } else if (part === ')') {
      const outer = enclosing.pop() ?? { size: 0, own: 0 };
      last = outer.own + Math.max(size, 1);
      size = outer.size + last;
    } else if (groups.min !== undefined) {
      const repeated = repeatedSize(last, groups);
      size += repeated - last;
      last = repeated;
    } else if (part === '*' || part === '+' || part === '?') {
      const loop = part === '*' ? 2 : 1;
      size += loop;
      last += loop;
    } else if (groups.nothing === undefined) {
      size += groups.quoted?.length ?? (part === '|' ? 2 : 1);
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
