import type { Command } from 'commander';
import { addShimInstall } from './shim/install.js';
import type { Terminal } from '../terminal.js';

/** `foghorn shim`: lets containerd's shims publish here. */
export function addShim(program: Command, terminal: Terminal): void {
  const shim = program.command('shim').description("let containerd's shims publish to the broker");
  addShimInstall(shim, terminal);
}
