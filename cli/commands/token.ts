import { createHash, randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { durationFlag, parseText, usage } from '../flags.js';
import type { Terminal } from '../terminal.js';

/** 256 bits cannot be guessed, so the digest needs no salt and no slow hash. */
const TOKEN_BYTES = 32;
const PREFIX = 'fhn_';
const NANOS_PER_MS = 1_000_000n;

const HELP = `
Prints the token, which is nowhere stored, and on stderr the line for the section "tokens" of the
access file.

Examples:
  foghorn token new ci --expires 90d > ci.token
  foghorn --token-file ci.token -a broker:7877 events`;

/** `foghorn token new`: makes a bearer token. */
export function addToken(program: Command, terminal: Terminal): void {
  program
    .command('token')
    .description('make bearer tokens for callers of a broker')
    .configureHelp({ showGlobalOptions: false })
    .command('new')
    .description('make a token, and the line of the access file that knows it')
    .argument('<NAME>', 'name of the caller', (text) => usage(() => parseText(text)))
    .addOption(durationFlag('--expires <D>', 'how long the token is valid (default: for ever)'))
    .addHelpText('after', HELP)
    .action((name: string, { expires }: { readonly expires?: bigint }) => {
      const token = `${PREFIX}${randomBytes(TOKEN_BYTES).toString('base64url')}`;
      const sha256 = createHash('sha256').update(token).digest('hex');
      const end = expires === undefined ? '' : `, expires: ${endIn(expires)}`;
      terminal.stdout.write(`${token}\n`);
      terminal.stderr.write(`  - { name: ${JSON.stringify(name)}, sha256: '${sha256}'${end} }\n`);
    });
}

function endIn(span: bigint): string {
  return new Date(Date.now() + Number(span / NANOS_PER_MS)).toISOString();
}
