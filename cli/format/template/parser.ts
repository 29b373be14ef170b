import { functionNames, isFunction } from './functions.js';
import { invalidTemplate } from './text.js';

/** An expression of a template. */
export type Expression =
  | { readonly kind: 'literal'; readonly value: string | number | boolean }
  | { readonly kind: 'field'; readonly path: readonly string[] }
  | { readonly kind: 'call'; readonly name: string; readonly arguments: readonly Expression[] };

/** A part of a template. */
export type TemplateNode =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'value'; readonly value: Expression }
  | {
      readonly kind: 'if';
      readonly condition: Expression;
      readonly then: readonly TemplateNode[];
      readonly otherwise: readonly TemplateNode[];
    };

const ACTION = /\{\{(-?)([\s\S]*?)(-?)\}\}/g;
const TOKEN = /\s*("(?:[^"\\]|\\.)*"|`[^`]*`|-?\d+(?:\.\d+)?|\||\(|\)|\.[\w.]*|[A-Za-z]\w*)/y;

/** An `if` that is not closed yet. */
interface OpenIf {
  readonly condition: Expression;
  readonly then: TemplateNode[];
  readonly otherwise: TemplateNode[];
  inElse: boolean;
}

/** Parses a template. Throws INVALID_ARGUMENT with what was expected. */
export function parseTemplate(source: string): readonly TemplateNode[] {
  const root: TemplateNode[] = [];
  const open: OpenIf[] = [];
  const target = (): TemplateNode[] => {
    const innermost = open.at(-1);
    if (innermost === undefined) return root;
    return innermost.inElse ? innermost.otherwise : innermost.then;
  };
  let at = 0;
  // Without the rest, in which each brace would be searched for its end in vain.
  const closed = source.slice(0, source.lastIndexOf('}}') + 2);
  for (const match of closed.matchAll(ACTION)) {
    addText(target(), source.slice(at, match.index), match[1] === '-');
    at = match.index + match[0].length;
    if (match[3] === '-') at += /^\s*/.exec(source.slice(at))?.[0].length ?? 0;
    addAction(match[2]?.trim() ?? '', open, target);
  }
  if (source.slice(at).includes('{{')) throw invalidTemplate('expected "}}" after "{{"');
  addText(target(), source.slice(at), false);
  if (open.length > 0) throw invalidTemplate('expected {{end}} for each {{if}}');
  return root;
}

function addText(nodes: TemplateNode[], text: string, isTrimmed: boolean): void {
  const kept = (isTrimmed ? text.trimEnd() : text).replace(/\\t/g, '\t').replace(/\\n/g, '\n');
  if (kept !== '') nodes.push({ kind: 'text', text: kept });
}

function addAction(action: string, open: OpenIf[], target: () => TemplateNode[]): void {
  const [word = ''] = action.split(/\s/, 1);
  if (word === 'if') {
    const condition = parseExpression(action.slice(word.length));
    open.push({ condition, then: [], otherwise: [], inElse: false });
    return;
  }
  const innermost = open.at(-1);
  if (action === 'else' || action === 'end') {
    if (innermost === undefined) throw invalidTemplate(`unexpected {{${action}}} without {{if}}`);
    if (action === 'else') {
      innermost.inElse = true;
      return;
    }
    open.pop();
    const { condition, then, otherwise } = innermost;
    target().push({ kind: 'if', condition, then, otherwise });
    return;
  }
  target().push({ kind: 'value', value: parseExpression(action) });
}

/** Parses what stands between braces: values joined by pipes. */
function parseExpression(source: string): Expression {
  const tokens = tokensOf(source);
  const pipeline = parsePipeline(tokens);
  if (tokens.length > 0) throw invalidTemplate(`unexpected ${tokens[0] ?? ''} in {{${source}}}`);
  return pipeline;
}

function tokensOf(source: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  const text = source.trimEnd();
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(text)?.[1];
    if (token === undefined) {
      throw invalidTemplate(`expected a field, function or text at ${text.slice(at).trim()}`);
    }
    tokens.push(token);
  }
  return tokens;
}

function parsePipeline(tokens: string[]): Expression {
  let value = parseCommand(tokens, undefined);
  while (tokens[0] === '|') {
    tokens.shift();
    value = parseCommand(tokens, value);
  }
  return value;
}

/** A function with its arguments, or a single value. @param piped the last argument */
function parseCommand(tokens: string[], piped: Expression | undefined): Expression {
  const [first] = tokens;
  if (first === undefined) throw invalidTemplate('expected a field such as {{.Name}}');
  if (/^[A-Za-z]/.test(first) && first !== 'true' && first !== 'false') {
    tokens.shift();
    if (!isFunction(first)) {
      throw invalidTemplate(`unknown function ${first}; expected one of ${functionNames()}`);
    }
    const given: Expression[] = [];
    while (tokens.length > 0 && tokens[0] !== '|' && tokens[0] !== ')') {
      given.push(parseOperand(tokens));
    }
    // docker's functions take what they work on first, except where Go pipes it last.
    const all =
      piped === undefined ? given : PIPED_FIRST.has(first) ? [piped, ...given] : [...given, piped];
    return { kind: 'call', name: first, arguments: all };
  }
  if (piped !== undefined) throw invalidTemplate('expected a function after "|"');
  return parseOperand(tokens);
}

/** Functions whose own arguments follow the piped value. */
const PIPED_FIRST: ReadonlySet<string> = new Set(['join', 'split', 'pad', 'truncate']);

function parseOperand(tokens: string[]): Expression {
  const token = tokens.shift() ?? '';
  if (token === '(') {
    const inner = parsePipeline(tokens);
    if (tokens.shift() !== ')') throw invalidTemplate('expected ")"');
    return inner;
  }
  if (token.startsWith('.')) return { kind: 'field', path: token.split('.').filter(Boolean) };
  if (token.startsWith('"')) return { kind: 'literal', value: unquoted(token) };
  if (token.startsWith('`')) return { kind: 'literal', value: token.slice(1, -1) };
  if (token === 'true' || token === 'false') return { kind: 'literal', value: token === 'true' };
  if (/^-?\d/.test(token)) return { kind: 'literal', value: Number(token) };
  throw invalidTemplate(`expected a field, a text or a number, got ${token}`);
}

function unquoted(token: string): string {
  try {
    return JSON.parse(token) as string;
  } catch {
    throw invalidTemplate(`expected a quoted text, got ${token}`);
  }
}
