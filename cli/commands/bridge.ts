import type { Command } from 'commander';
import { addContainerdBridge } from './bridge/containerd.js';
import { addDockerBridge } from './bridge/docker.js';
import type { Terminal } from '../terminal.js';
import type { CommandTimings } from '../timings.js';

/** `foghorn bridge`: records the events of another daemon. */
export function addBridge(program: Command, terminal: Terminal, timings: CommandTimings): void {
  const bridge = program.command('bridge').description('record the events of another daemon');
  addContainerdBridge(bridge, terminal);
  addDockerBridge(bridge, terminal, timings.dockerRecorder);
}
