import { connect as connectSocket, type NetConnectOpts } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { parseAddress } from '../client/own-programs.js';

/** Milliseconds for a peer to show what it is. */
const PATIENCE = 1000;

/** Bytes of an answer that are enough to recognize a peer. */
const ENOUGH_BYTES = 4096;

/** Asks a Docker engine, and every other HTTP server, for its version. */
const HTTP_REQUEST = Buffer.from(
  'GET /_ping HTTP/1.1\r\nHost: foghorn\r\nConnection: close\r\n\r\n',
);

/** Frame of ttrpc: no data, stream 1, a request without flags. */
const TTRPC_REQUEST = Buffer.from([0, 0, 0, 0, 0, 0, 0, 1, 1, 0]);
/** Stream 1 and the type of a response, after the length. */
const TTRPC_RESPONSE = Buffer.from([0, 0, 0, 1, 2]);

/** The kind of server at an address, by the first answer that shows it; undefined if none does. */
export async function peerAt(address: string): Promise<string | undefined> {
  const probes = [
    tlsPeer(address),
    answer(address, HTTP_REQUEST, httpPeer),
    answer(address, TTRPC_REQUEST, ttrpcPeer),
  ];
  return Promise.any(probes).catch(() => undefined);
}

function ttrpcPeer(bytes: Buffer): string | undefined {
  return bytes.subarray(4, 9).equals(TTRPC_RESPONSE) ? 'a ttrpc server' : undefined;
}

function httpPeer(bytes: Buffer): string | undefined {
  const text = bytes.toString('latin1');
  if (!text.startsWith('HTTP/1.') || !text.includes('\r\n\r\n')) return undefined;
  return /^Api-Version:/im.test(text) ? 'a Docker API' : 'an HTTP server';
}

/** Rejects for a peer that does not speak TLS. */
function tlsPeer(address: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => {
      socket.destroy();
      reject(new Error('no TLS'));
    };
    // No more is sent than the offer of a session, so it does not matter who takes it.
    const options = { ...socketOptions(address), rejectUnauthorized: false };
    const socket = connectTls(options, () => {
      socket.destroy();
      resolve('a server that expects TLS (see --tls-ca)');
    });
    socket.setTimeout(PATIENCE, giveUp);
    socket.on('error', giveUp);
  });
}

/** Reads what `recognize` makes of a peer's answer. Rejects for one that it does not know. */
function answer(
  address: string,
  request: Buffer,
  recognize: (bytes: Buffer) => string | undefined,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectSocket(socketOptions(address));
    let received = Buffer.alloc(0);
    const giveUp = (): void => {
      socket.destroy();
      reject(new Error('no answer that is known'));
    };
    socket.setTimeout(PATIENCE, giveUp);
    socket.on('error', giveUp);
    socket.on('close', giveUp);
    socket.on('data', (bytes) => {
      received = Buffer.concat([received, bytes]);
      const peer = recognize(received);
      if (peer !== undefined) {
        resolve(peer);
        socket.destroy();
      } else if (received.length > ENOUGH_BYTES) giveUp();
    });
    socket.write(request);
  });
}

function socketOptions(address: string): NetConnectOpts {
  const { target, local } = parseAddress(address);
  if (local) return { path: target.replace('unix://', '') };
  const [, host = '', port] = /^dns:\[?(.*?)\]?:(\d+)$/.exec(target) ?? [];
  return { host, port: Number(port) };
}
