import { fieldIn } from './fields.js';
import { callFunction, isTrue } from './functions.js';
import { parseTemplate, type Expression, type TemplateNode } from './parser.js';
import { templateText } from './text.js';

/** Begins a template whose lines docker aligns; here its columns are parted by tabs. */
const TABLE = /^table\s+/;

/** Formats an object by a template in Go's syntax, as `docker --format` takes it. */
export class OutputTemplate {
  readonly #nodes: readonly TemplateNode[];

  /** @throws FoghornError INVALID_ARGUMENT with what was expected */
  constructor(source: string) {
    this.#nodes = parseTemplate(source.replace(TABLE, ''));
  }

  /** @throws FoghornError INVALID_ARGUMENT for an argument that a function cannot take */
  format(data: unknown): string {
    return formatNodes(this.#nodes, data);
  }
}

/** Whether the value of --format is a template. */
export function isTemplate(format: string): boolean {
  return format.includes('{{');
}

function formatNodes(nodes: readonly TemplateNode[], data: unknown): string {
  return nodes.map((node) => formatNode(node, data)).join('');
}

function formatNode(node: TemplateNode, data: unknown): string {
  switch (node.kind) {
    case 'text':
      return node.text;
    case 'value':
      return templateText(valueOf(node.value, data));
    case 'if':
      return formatNodes(isTrue(valueOf(node.condition, data)) ? node.then : node.otherwise, data);
  }
}

function valueOf(expression: Expression, data: unknown): unknown {
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'field':
      return expression.path.reduce(fieldIn, data);
    case 'call': {
      const values = expression.arguments.map((argument) => valueOf(argument, data));
      return callFunction(expression.name, values);
    }
  }
}
