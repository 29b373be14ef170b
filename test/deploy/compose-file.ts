import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { Ajv } from 'ajv';
import { parse } from 'yaml';

export const ROOT = resolve(import.meta.dirname, '../..');

/** As much of a service as the checks look at. */
export interface Service {
  readonly image: string;
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?:
    readonly string[] | Readonly<Record<string, { readonly condition: string }>>;
  readonly networks: readonly string[];
  readonly ports?: readonly string[];
  readonly tmpfs?: readonly string[];
  readonly volumes?: readonly string[];
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly init?: boolean;
  readonly stop_grace_period?: string;
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean } | null>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

/** A compose file's text with its anchors and merges worked out. */
export function parseCompose(text: string): unknown {
  return parse(text, { merge: true });
}

export function readComposeText(): string {
  return readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8');
}

/** docker-compose.yml; that it has this form is the schema's business. */
export function readCompose(): ComposeFile {
  return parseCompose(readComposeText()) as ComposeFile;
}

/** The Compose Specification's own schema, which dclint ships. */
function readSchema(): object {
  const dclint = dirname(createRequire(import.meta.url).resolve('dclint/package.json'));
  const text = readFileSync(join(dclint, 'schemas/compose.schema.json'), 'utf8');
  return JSON.parse(text) as object;
}

// The schema names its own schema by https, which Ajv knows by http only.
const ajv = new Ajv({ strict: false, validateSchema: false, allErrors: true });
const validate = ajv.compile(readSchema());

/** Everything by which it is no compose file, each as a place and what is wrong there. */
export function schemaErrors(compose: unknown): string[] {
  validate(compose);
  return (validate.errors ?? []).map(
    ({ instancePath, message = '', params }) =>
      `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}
