import { connect } from 'node:net';

const PATIENCE_MS = 1000;

/** Whether a Redis on this port has loaded its data. Asking for a password counts as yes. */
export function ping(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    const end = (isReady: boolean): void => {
      socket.destroy();
      resolve(isReady);
    };
    socket.setTimeout(PATIENCE_MS, () => {
      end(false);
    });
    socket.on('data', (data) => {
      end(/^(\+PONG|-NOAUTH|-NOPERM)/.test(data.toString()));
    });
    socket.on('error', () => {
      end(false);
    });
  });
}
