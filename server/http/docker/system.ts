import { arch, release } from 'node:os';
import type { ApiRequest, DockerApi } from './api.js';
import { sendJson } from '../answer.js';

/** GET and HEAD /_ping, whose headers give clients the API version. */
export function ping(_api: DockerApi, { message, response }: ApiRequest): Promise<void> {
  const isHead = message.method === 'HEAD';
  response.writeHead(200, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': isHead ? 0 : 2,
    'Cache-Control': 'no-cache, no-store, must-revalidate',
    Pragma: 'no-cache',
  });
  response.end(isHead ? undefined : 'OK');
  return Promise.resolve();
}

/** Go's names of architectures. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' };

/** GET /version. */
export function sendVersion(
  { versions, version }: DockerApi,
  { response }: ApiRequest,
): Promise<void> {
  const api = { ApiVersion: versions.max, MinAPIVersion: versions.min };
  const build = { GitCommit: '', GoVersion: '', BuildTime: '' };
  const machine = {
    Os: 'linux',
    Arch: ARCHITECTURES[arch()] ?? arch(),
    KernelVersion: release(),
  };
  const Details = { ...api, ...build, ...machine, Experimental: 'false' };
  sendJson(response, {
    Platform: { Name: 'Foghorn' },
    Components: [{ Name: 'Engine', Version: version, Details }],
    Version: version,
    ...api,
    ...build,
    ...machine,
  });
  return Promise.resolve();
}
