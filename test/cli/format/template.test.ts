import { expect } from 'chai';
import { csvLine } from '../../../cli/format/csv.js';
import { OutputTemplate } from '../../../cli/format/template/template.js';

const DATA = {
  Name: 'web',
  ExitCode: 137,
  Labels: { 'a.b': 'c', team: 'x' },
  Empty: '',
  List: ['a', 'b'],
};

describe('a template', () => {
  const CASES: [template: string, text: string][] = [
    ['{{.Name}} {{.ExitCode}}', 'web 137'],
    ['{{ .name }}', 'web'],
    ['{{.Labels.team}} {{index .Labels "a.b"}}', 'x c'],
    ['{{json .Labels}}', '{"a.b":"c","team":"x"}'],
    ['{{upper .Name}}{{.Name | upper | lower | title}}', 'WEBWeb'],
    ['{{join .List ", "}}', 'a, b'],
    ['{{.List | join "-"}}', 'a-b'],
    ['{{split "a,b" "," | json}}', '["a","b"]'],
    ['[{{pad .Name 1 2}}]', '[ web  ]'],
    ['{{truncate .Name 2}}', 'we'],
    ['{{if .Empty}}full{{else}}empty{{end}}', 'empty'],
    ['{{if eq .ExitCode 137}}killed{{end}}', 'killed'],
    ['{{if and .Name (not .Empty)}}yes{{end}}', 'yes'],
    ['{{.Labels.missing}}|', '|'],
    ['table {{.Name}}\\t{{.ExitCode}}', 'web\t137'],
    ['a {{- .Name -}} b', 'awebb'],
    ['{{.Labels}}', 'map[a.b:c team:x]'],
    ['{{len .List}}', '2'],
  ];
  for (const [template, text] of CASES) {
    it(`formats ${template}`, () => {
      expect(new OutputTemplate(template, Object.keys(DATA)).format(DATA)).to.equal(text);
    });
  }

  const REFUSED: [template: string, problem: string][] = [
    ['{{if .Name}}{{upper .Nope}}{{end}}', 'unknown field .Nope; expected one of Name, ExitCode, '],
    ['{{.Name', 'expected "}}" after "{{"'],
    ['{{nothing .Name}}', 'unknown function nothing; expected one of json, '],
    ['{{if .Name}}', 'expected {{end}} for each {{if}}'],
    ['{{end}}', 'unexpected {{end}} without {{if}}'],
    ['{{}}', 'expected a field such as {{.Name}}'],
    ['{{.Name .Name}}', 'unexpected .Name'],
    ['{{.Name | .Name}}', 'expected a function after "|"'],
    ['{{?}}', 'expected a field, function or text at ?'],
  ];
  for (const [template, problem] of REFUSED) {
    it(`refuses ${template}`, () => {
      expect(() => new OutputTemplate(template, Object.keys(DATA))).to.throw(
        `--format: ${problem}`,
      );
    });
  }

  it('refuses a number that would exhaust memory', () => {
    expect(() => new OutputTemplate('{{pad .Name 1e9 0}}', ['Name']).format(DATA)).to.throw();
    expect(() => new OutputTemplate('{{pad .Name 1000000000 0}}', ['Name']).format(DATA)).to.throw(
      '0 to 1000',
    );
  });
});

describe('a line of CSV', () => {
  it('quotes what needs quotes, and defuses formulas of spreadsheets', () => {
    expect(csvLine(['a,b', 'say "hi"', 1, undefined, '=1+1', '-5'])).to.equal(
      `"a,b","say ""hi""",1,,'=1+1,-5`,
    );
  });
});
