import { connect } from 'node:net';

/** Settings of `docker-pings`. */
export interface PingSettings {
  readonly socketPath: string;
  readonly warmUp: number;
  readonly count: number;
}

/** Report of `docker-pings`, as a line of JSON. */
export interface PingReport {
  readonly seconds: number;
}

const REQUEST = 'GET /_ping HTTP/1.1\r\nHost: docker\r\n\r\n';
/** The end of the head, and the body. */
const END = '\r\n\r\nOK';

const { socketPath, warmUp, count } = JSON.parse(process.argv[2] ?? '') as PingSettings;
const socket = connect({ path: socketPath, noDelay: true });
socket.setEncoding('latin1');

/** Sends pings one after the other, on the one connection. */
function ping(times: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let left = times;
    let received = '';
    const take = (text: string): void => {
      received += text;
      if (!received.endsWith(END)) return;
      if (!received.startsWith('HTTP/1.1 200 ')) reject(new Error(`not a ping: ${received}`));
      received = '';
      left -= 1;
      if (left > 0) socket.write(REQUEST);
      else {
        socket.off('data', take);
        resolve();
      }
    };
    socket.once('error', reject);
    socket.on('data', take);
    socket.write(REQUEST);
  });
}

await ping(warmUp);
console.log('begin');
const begun = performance.now();
await ping(count);
const report: PingReport = { seconds: (performance.now() - begun) / 1000 };
console.log('end');
console.log(JSON.stringify(report));
socket.destroy();
