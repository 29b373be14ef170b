import { connect, type Socket } from 'node:net';

/** Settings of `docker-attached`. */
export interface AttachedSettings {
  readonly socketPath: string;
  readonly container: string;
  readonly count: number;
}

const { socketPath, container, count } = JSON.parse(process.argv[2] ?? '') as AttachedSettings;
const REQUEST =
  `POST /containers/${container}/attach?stream=1&stdout=1 HTTP/1.1\r\nHost: docker\r\n` +
  'Connection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0\r\n\r\n';

function attached(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path: socketPath });
    socket.once('error', reject);
    socket.once('data', (bytes) => {
      if (bytes.toString('latin1').startsWith('HTTP/1.1 101 ')) resolve(socket);
      else reject(new Error(`not attached: ${bytes.toString('latin1')}`));
    });
    socket.write(REQUEST);
  });
}

const sockets: Socket[] = [];
while (sockets.length < count) sockets.push(await attached());
process.once('SIGTERM', () => process.exit());
console.log('attached');
