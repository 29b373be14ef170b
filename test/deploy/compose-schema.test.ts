import { expect } from 'chai';
import { parseCompose, readComposeText, schemaErrors } from './compose-file.js';

describe('docker-compose.yml and the compose specification', () => {
  const text = readComposeText();

  it('agree', () => {
    expect(schemaErrors(parseCompose(text))).to.deep.equal([]);
  });

  const mistakes: [string, string, string, RegExp][] = [
    ['a key that there is not', 'read_only: true', 'readonly: true', /"readonly"/],
    ['a yes that is none', 'internal: true', 'internal: [true]', /\/networks\/history\/internal/],
    ['a list that is none', 'cap_drop: [ALL]', 'cap_drop: ALL', /\/cap_drop must be array/],
    ['an unknown section', '\nvolumes:', '\nvolume:', /"volume"/],
    ['a condition that there is not', 'service_healthy', 'healthy', /\/depends_on\/redis/],
  ];
  for (const [what, right, wrong, error] of mistakes) {
    it(`do not with ${what}`, () => {
      expect(text).to.contain(right);
      expect(schemaErrors(parseCompose(text.replace(right, wrong))).join('\n')).to.match(error);
    });
  }
});
