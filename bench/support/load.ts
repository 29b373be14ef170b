import { builtProgram } from '../../test/support/processes/build.js';
import { Program } from './program.js';

/**
 * Starts a program of `bench/loads`.
 *
 * @param settings the program's first argument
 * @param profile directory for its CPU profile, if any
 */
export async function startLoad(
  name: string,
  settings: object,
  profile: string | undefined,
): Promise<Program> {
  const program = await builtProgram(`bench/loads/${name}`);
  return Program.node(name, [...profiled(profile), program, JSON.stringify(settings)]);
}

/** Node's flags for a process that leaves a CPU profile in this directory, if any, when it ends. */
export function profiled(profile: string | undefined): string[] {
  return profile === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', profile];
}
