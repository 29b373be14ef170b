import { expect } from 'chai';
import { parseCompose, readComposeText, schemaErrors } from './compose-file.js';

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
