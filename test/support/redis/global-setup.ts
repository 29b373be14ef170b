import { redisServerCommand } from './redis-command.js';

/** Runs once before the parallel files, so that no two of them install a server. */
export async function mochaGlobalSetup(): Promise<void> {
  await redisServerCommand();
}
