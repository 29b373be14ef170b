import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import { PATHS } from '../../server/http/api/openapi/paths.js';
import { SCHEMAS } from '../../server/http/api/openapi/schemas.js';

interface OpenApiOperation {
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>
  >;
}

const ajv = new Ajv2020({ strict: false, validateFormats: false });
ajv.addSchema({ $id: 'openapi', components: { schemas: SCHEMAS } });

/** An answer whose body was read. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Undefined for an empty body. */
  readonly body: unknown;
}

/** Asks the HTTP API, and checks each answer against the OpenAPI document. */
export class ApiClient {
  /** @param origin `http://host:port` */
  constructor(readonly origin: string) {}

  get(path: string, headers: Record<string, string> = {}): Promise<ApiAnswer> {
    return this.ask('GET', path, { headers });
  }

  post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<ApiAnswer> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const all = { 'content-type': 'application/json', ...headers };
    return this.ask('POST', path, { body: text, headers: all });
  }

  async ask(method: string, path: string, init: RequestInit): Promise<ApiAnswer> {
    const answer = await fetch(this.origin + path, { ...init, method });
    const text = await answer.text();
    const type = answer.headers.get('content-type') ?? '';
    const body: unknown = text === '' ? undefined : type.includes('json') ? JSON.parse(text) : text;
    checkAnswer(method, path, answer.status, type, body);
    return { status: answer.status, headers: answer.headers, body };
  }
}

/** Fails for an answer that the document does not describe. */
function checkAnswer(
  method: string,
  path: string,
  status: number,
  type: string,
  body: unknown,
): void {
  const operation = operationOf(method, path.split('?')[0]!);
  // A path that is not described has only errors.
  const described = operation?.responses[status] ?? operation?.responses.default;
  if (operation === undefined) {
    expect(status, `${method} ${path}`).to.be.oneOf([404, 405]);
    return;
  }
  expect(described, `${method} ${path}: ${status}`).to.not.equal(undefined);
  if (body === undefined) {
    expect(described!.content).to.equal(undefined);
    return;
  }
  const schema = described!.content?.[type]?.schema;
  expect(schema, `${method} ${path}: ${type}`).to.not.equal(undefined);
  const absolute = JSON.stringify(schema).replaceAll('"#/', '"openapi#/');
  const validate = ajv.compile(JSON.parse(absolute) as object);
  const fits = validate(body);
  expect(fits, `${JSON.stringify(body)}: ${ajv.errorsText(validate.errors)}`).to.equal(true);
}

function operationOf(method: string, path: string): OpenApiOperation | undefined {
  for (const [template, operations] of Object.entries(PATHS)) {
    const pattern = new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`);
    const found = operations[method.toLowerCase()];
    if (pattern.test(path) && found !== undefined) return found as OpenApiOperation;
  }
  return undefined;
}
