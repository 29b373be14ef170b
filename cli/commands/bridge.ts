import type { Command } from 'commander';
import { addContainerdBridge } from './bridge/containerd.js';
import { addDockerBridge } from './bridge/docker.js';
import type { Terminal } from '../terminal.js';
import type { Timings } from '../timings.js';

/** `foghorn bridge`: records another daemon's events. */
export function addBridge(program: Command, terminal: Terminal, timings: Timings): void {
  const bridge = program.command('bridge').description("record another daemon's events");
  addContainerdBridge(bridge, terminal);
  addDockerBridge(bridge, terminal, timings.dockerRecorder);
}
