#!/usr/bin/env node
import { homedir, tmpdir } from 'node:os';
import { run } from './program.js';
import type { Terminal } from './terminal.js';

const terminal: Terminal = {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  surroundings: {
    uid: process.getuid?.() ?? 0,
    home: homedir(),
    directory: process.cwd(),
    temp: tmpdir(),
    env: process.env,
    program: [process.execPath, ...process.execArgv, process.argv[1] ?? ''],
  },
  interrupted() {
    const controller = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      // A second signal of the same kind ends the process at once.
      process.once(signal, () => {
        controller.abort();
      });
    }
    return controller.signal;
  },
  onSignals(signals, listener) {
    for (const signal of signals) process.on(signal, listener);
  },
};

// An empty variable counts as unset.
for (const [name, value] of Object.entries(process.env)) {
  if (value === '' && /^(FOGHORN_|XDG_|CONTAINERD_NAMESPACE$)/.test(name))
    Reflect.deleteProperty(process.env, name);
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The reader has closed the pipe, as `head` does.
  if (error.code === 'EPIPE') process.exit(0);
  process.stderr.write(`foghorn: cannot write the output: ${error.message}\n`);
  process.exit(1);
});
process.stderr.on('error', () => {});

const exitCode = await run(terminal, process.argv.slice(2));
// An open standard input must not keep the process alive after its command has finished.
process.stdout.write('', () => process.exit(exitCode));
