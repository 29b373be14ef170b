// Checks that the committed generated code and manual pages match their sources: generates them
// again and compares.
import { execFileSync } from 'node:child_process';

const run = (command, args) => execFileSync(command, args, { encoding: 'utf8' });

const status = () => run('git', ['status', '--porcelain', '--', 'protos/gen', 'docs/man']);

const before = status();
if (before !== '') {
  console.error(`generated files have changes that are not committed:\n${before}`);
  process.exit(1);
}
execFileSync('npm', ['run', '--silent', 'generate'], { stdio: 'inherit' });
const after = status();
if (after !== '') {
  console.error(`generated files are stale; run \`npm run generate\` and commit:\n${after}`);
  process.exit(1);
}
