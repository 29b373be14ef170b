import { expect } from 'chai';
import { parseAccessFile, readAccessFile } from '../../../server/access/access-file.js';
import { reasonsFor, rightsOf } from '../../../server/access/rules.js';

const FILE = `
roles:
  team-a:
    publish: [team-a*]
    read: [team-a*, shared]
  operator:
    read: ['*']
    admin: ['*']
grants:
  - { role: team-a, to: [alice, 'group:a'] }
  - role: operator
    to: [group:ops]
local: [operator]
tokens:
  - { name: ci, groups: [a], sha256: '${'ab'.repeat(32)}', expires: 2030-01-01 }
jwt:
  - { issuer: 'https://issuer', audience: foghorn, keys: /keys.json, groups: teams }
`;

describe('an access file', () => {
  it('gives a caller the rights of the roles that its name and groups are granted', () => {
    const rules = parseAccessFile('access.yaml', FILE);
    const alice = rightsOf(rules, { name: 'alice', groups: [] });
    expect(alice.publish.has('team-a.prod')).to.equal(true);
    expect(alice.publish.has('shared')).to.equal(false);
    expect(alice.read.has('shared')).to.equal(true);
    expect(alice.admin.has('shared')).to.equal(false);
    const both = rightsOf(rules, { name: 'bob', groups: ['a', 'ops'] });
    expect(both.read.isEverything).to.equal(true);
    const stranger = rightsOf(rules, { name: 'mallory', groups: ['b'] });
    expect(stranger.read.has('shared')).to.equal(false);
  });

  it('says which grants give a right', () => {
    const rules = parseAccessFile('access.yaml', FILE);
    const alice = { name: 'alice', groups: [] };
    const [reason, ...others] = reasonsFor(rules, alice, 'read', 'team-a.prod');
    expect(reason?.grant.role).to.equal('team-a');
    expect(reason?.pattern).to.equal('team-a*');
    expect(others).to.deep.equal([]);
    expect(reasonsFor(rules, alice, 'engine', 'shared')).to.deep.equal([]);
  });

  const faults: Record<string, readonly [string, string]> = {
    'a key that is not known': ['roles:\n  a: {reed: ["*"]}\n', '2:7: unknown key "reed"'],
    'another type': ['roles: 7\n', '1:8: roles: expected keys and values'],
    'a role that does not exist': [
      'grants:\n  - role: x\n    to: [a]\n',
      '2:11: grants[0].role: there is no role "x"',
    ],
    'a grant to nobody': ['roles: {r: {}}\ngrants:\n  - role: r\n', '3:5: grants[0]: expected to'],
    'a pattern with a star inside': [
      'roles:\n  a:\n    read: ["a*b"]\n',
      '3:12: roles.a.read[0]: "a*b": expected a namespace, a prefix*, or *',
    ],
    'a digest that is a token': [
      'tokens:\n  - { name: a, sha256: secret }\n',
      '2:24: tokens[0].sha256: expected the 64 hexadecimal digits',
    ],
    'a date that does not exist': [
      `tokens:\n  - { name: a, sha256: "${'0'.repeat(64)}", expires: 2030-13-01 }\n`,
      '2:101: tokens[0].expires: "2030-13-01": expected a date',
    ],
    'a repeated key': ['local: []\nlocal: []\n', '2:1: Map keys must be unique'],
    'text that is not YAML': ['roles: [\n', '2:1: '],
  };
  for (const [fault, [text, message]] of Object.entries(faults)) {
    it(`is refused with line and column for ${fault}`, () => {
      expect(() => parseAccessFile('access.yaml', text)).to.throw(`access.yaml:${message}`);
    });
  }

  it('is refused before it is parsed when it is longer than a parser can take', () => {
    const text = '['.repeat(2 ** 20 + 1);
    expect(() => parseAccessFile('access.yaml', text)).to.throw(
      'access.yaml:1:1: the file is too long: expected at most 1048576 characters',
    );
  });

  it('is read only as far as it may be long', async () => {
    const failure: unknown = await readAccessFile('/dev/zero').catch((error: unknown) => error);
    expect((failure as Error).message).to.equal(
      '--access /dev/zero:1:1: the file is too long: expected at most 1048576 characters',
    );
  });
});
