import { fieldIn } from './fields.js';
import { callFunction, isTrue } from './functions.js';
import { parseTemplate, type Expression, type TemplateNode } from './parser.js';
import { invalidTemplate, templateText } from './text.js';

/** Begins a template whose lines docker aligns; here its columns are parted by tabs. */
const TABLE = /^table\s+/;

/** Formats an object by a template in Go's syntax, as `docker --format` takes it. */
export class OutputTemplate {
  readonly #nodes: readonly TemplateNode[];

  /**
   * @param fields the fields of every object, in any case
   * @throws FoghornError INVALID_ARGUMENT with what was expected
   */
  constructor(source: string, fields: readonly string[]) {
    this.#nodes = parseTemplate(source.replace(TABLE, ''));
    const known = new Set(fields.map((field) => field.toLowerCase()));
    const unknown = fieldsIn(this.#nodes).find((field) => !known.has(field.toLowerCase()));
    if (unknown === undefined) return;
    throw invalidTemplate(`unknown field .${unknown}; expected one of ${fields.join(', ')}`);
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

/** The first names of the paths in a template. */
function fieldsIn(nodes: readonly TemplateNode[]): string[] {
  return nodes.flatMap((node) => {
    switch (node.kind) {
      case 'text':
        return [];
      case 'value':
        return fieldsOf(node.value);
      case 'if':
        return [...fieldsOf(node.condition), ...fieldsIn(node.then), ...fieldsIn(node.otherwise)];
    }
  });
}

function fieldsOf(expression: Expression): string[] {
  switch (expression.kind) {
    case 'literal':
      return [];
    case 'field':
      return expression.path.slice(0, 1);
    case 'call':
      return expression.arguments.flatMap(fieldsOf);
  }
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
