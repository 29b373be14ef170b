// Starts, copies, executes, reads logs, stops: testcontainers.js DIRECTORY-OF-NODE_MODULES
import { createRequire } from 'node:module';

const { GenericContainer, Wait } = createRequire(`${process.argv[2]}/`)('testcontainers');
// The client follows logs on a connection that does not keep the process.
setInterval(() => {}, 1000);
const box = () => new GenericContainer('busybox:full').withNetworkMode('none');

const ready = await box()
  .withCommand(['sh', '-c', 'echo ready; sleep 60'])
  .withWaitStrategy(Wait.forLogMessage('ready'))
  .withCopyContentToContainer([{ content: 'copied', target: '/tmp/x' }])
  .start();
const { output, exitCode } = await ready.exec(['sh', '-c', 'cat /tmp/x; exit 3']);
console.log(output, exitCode);
for await (const line of await ready.logs()) {
  console.log(String(line).trim());
  break;
}
await ready.stop();

const healthy = await box()
  .withCommand(['sleep', '60'])
  .withHealthCheck({ test: ['CMD', 'true'], interval: 500, timeout: 1000, retries: 1 })
  .withWaitStrategy(Wait.forHealthCheck())
  .start();
console.log('healthy');
await healthy.stop();

const once = await box()
  .withCommand(['sh', '-c', 'exit 0'])
  .withWaitStrategy(Wait.forOneShotStartup())
  .start();
console.log('ended');
await once.stop();

const failed = await box()
  .withCommand(['sh', '-c', 'exit 7'])
  .withWaitStrategy(Wait.forOneShotStartup())
  .start()
  .catch((error) => error);
console.log(failed.message);
process.exit(0);
