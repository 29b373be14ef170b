import { builtProgram } from '../../test/support/processes/build.js';
import { Program } from './program.js';

/**
 * Starts one of the programs in `bench/loads`.
 *
 * @param settings what it is told
 * @param profile see `profiled`
 */
export async function startLoad(
  name: string,
  settings: object,
  profile: string | undefined,
): Promise<Program> {
  const program = await builtProgram(`bench/loads/${name}`);
  return Program.node(name, [...profiled(profile), program, JSON.stringify(settings)]);
}

/**
 * Node's flags. @param profile the directory where a process leaves a CPU profile when it ends, if
 * it shall
 */
export function profiled(profile: string | undefined): string[] {
  return profile === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', profile];
}
