import type { Command } from 'commander';
import { addContainerdRecorder } from './record/containerd.js';
import { addDockerRecorder } from './record/docker.js';
import type { Terminal } from '../terminal.js';
import type { CommandTimings } from '../timings.js';

/** `foghorn record`: records the events of another daemon. */
export function addRecord(program: Command, terminal: Terminal, timings: CommandTimings): void {
  const record = program
    .command('record')
    .alias('bridge')
    .description('record the events of another daemon');
  addContainerdRecorder(record, terminal);
  addDockerRecorder(record, terminal, timings.dockerRecorder);
}
