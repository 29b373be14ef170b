import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Ajv } from 'ajv';
import { expect } from 'chai';
import { parseCompose, readComposeText } from './compose-file.js';

/** Reads the Compose Specification's schema, which dclint ships. */
function readSchema(): object {
  const dclint = dirname(createRequire(import.meta.url).resolve('dclint/package.json'));
  const text = readFileSync(join(dclint, 'schemas/compose.schema.json'), 'utf8');
  return JSON.parse(text) as object;
}

// Ajv knows the schema's meta-schema by its http URL only, but the schema refers to it by https.
const ajv = new Ajv({ strict: false, validateSchema: false, allErrors: true });
const validate = ajv.compile(readSchema());

/** Violations of the schema, each as a path and a message. */
function schemaErrors(compose: unknown): string[] {
  validate(compose);
  return (validate.errors ?? []).map(
    ({ instancePath, message = '', params }) =>
      `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

describe('the Compose specification', () => {
  const text = readComposeText();

  it('accepts docker-compose.yml', () => {
    expect(schemaErrors(parseCompose(text))).to.deep.equal([]);
  });

  const mistakes: [string, string, string, RegExp][] = [
    ['an unknown key', 'read_only: true', 'readonly: true', /"readonly"/],
    ['a malformed flag', 'internal: true', 'internal: [true]', /\/networks\/history\/internal/],
    ['a malformed list', 'cap_drop: [ALL]', 'cap_drop: ALL', /\/cap_drop must be array/],
    ['an unknown section', '\nvolumes:', '\nvolume:', /"volume"/],
    ['an unknown condition', 'service_healthy', 'healthy', /\/depends_on\/redis/],
  ];
  for (const [mistake, right, wrong, error] of mistakes) {
    it(`rejects ${mistake}`, () => {
      expect(text).to.contain(right);
      expect(schemaErrors(parseCompose(text.replace(right, wrong))).join('\n')).to.match(error);
    });
  }
});
