import { redisServerCommand } from './redis-command.js';

/** Once, before files run side by side: two of them must not both install a server. */
export async function mochaGlobalSetup(): Promise<void> {
  await redisServerCommand();
}
