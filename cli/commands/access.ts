import { Option, type Command } from 'commander';
import { listFlag } from '../flags.js';
import type { Outcome, Terminal } from '../terminal.js';

const RIGHTS = ['publish', 'read', 'engine', 'admin'] as const;

const HELP = `
Exits with 0 if the caller has the right, with 1 if it does not.

Examples:
  foghorn access check --access access.yaml --as ci publish team-a.prod
  foghorn access check --access access.yaml --as alice --group ops read moby`;

interface CheckFlags {
  readonly access: string;
  readonly as: string;
  readonly group?: readonly string[];
}

/** `foghorn access check`: explains what an access file allows. */
export function addAccess(program: Command, terminal: Terminal, outcome: Outcome): void {
  program
    .command('access')
    .description('explain what an access file allows')
    .configureHelp({ showGlobalOptions: false })
    .command('check')
    .description('say whether a caller has a right on a namespace, and why')
    .argument('<RIGHT>', RIGHTS.join(', '))
    .argument('<NAMESPACE>', 'containerd namespace')
    .addOption(
      new Option('--access <FILE>', 'the access file').env('FOGHORN_ACCESS').makeOptionMandatory(),
    )
    .addOption(new Option('--as <NAME>', 'name of the caller').makeOptionMandatory())
    .addOption(listFlag('--group <NAME>', 'group of the caller (repeatable)'))
    .addHelpText('after', HELP)
    .action(async (text: string, namespace: string, flags: CheckFlags, command: Command) => {
      const right = RIGHTS.find((each) => each === text);
      if (right === undefined) {
        command.error(`error: expected ${RIGHTS.join(', ')}, got ${JSON.stringify(text)}`, {
          exitCode: 2,
        });
      }
      const { access, as: name, group: groups = [] } = flags;
      // Loaded only here, because no other command needs the rules.
      const { readAccessFile } = await import('../../server/access/access-file.js');
      const { reasonsFor } = await import('../../server/access/rules.js');
      const rules = await readAccessFile(access);
      const reasons = reasonsFor(rules, { name, groups }, right, namespace);
      for (const { grant, pattern } of reasons) {
        const to = grant.to.join(', ');
        terminal.stdout.write(
          `allowed: role ${grant.role} has ${right} on ${pattern}, and is granted to ${to}\n`,
        );
      }
      if (reasons.length > 0) return;
      terminal.stdout.write(`denied: no role of ${name} has ${right} on ${namespace}\n`);
      outcome.exitCode = 1;
    });
}
