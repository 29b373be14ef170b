import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { FoghornError } from '../../protocol/errors.js';
import { packageFile } from '../../protocol/package-file.js';
import type { HttpRequest, HttpRoute } from './route.js';

/** Views of the page; each has an address of its own, and all are one document. */
const VIEWS = ['/', '/now', '/containers', '/broker'];

/** Files that the document names; scripts/bundle-page.ts makes them. */
const TYPES: Readonly<Record<string, string>> = {
  'index.html': 'text/html; charset=utf-8',
  'page.js': 'text/javascript; charset=utf-8',
  'page.css': 'text/css; charset=utf-8',
  'icon.svg': 'image/svg+xml',
};

/** The page needs nothing from elsewhere, runs no inline code, and stands in nobody's frame. */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

interface PageFile {
  readonly type: string;
  readonly tag: string;
  readonly bytes: Buffer;
  readonly zipped: Buffer;
}

/** The page, from `folder`: by default what the build has put into dist/. */
export function pageRoutes(folder = packageFile('dist/web')): readonly HttpRoute[] {
  const files = new Map<string, PageFile>();
  const send = (request: HttpRequest, name: string): void => {
    let file = files.get(name);
    if (!file) files.set(name, (file = readPageFile(folder, name)));
    sendPageFile(request, file);
  };
  return [
    ...VIEWS.map((path): HttpRoute => {
      return {
        method: 'GET',
        path,
        answer: (request) => {
          send(request, 'index.html');
        },
      };
    }),
    {
      method: 'GET',
      path: '/page/{name}',
      answer: (request) => {
        send(request, request.parameters.name ?? '');
      },
    },
  ];
}

function readPageFile(folder: string, name: string): PageFile {
  const type = Object.hasOwn(TYPES, name) ? TYPES[name] : undefined;
  if (type === undefined) throw FoghornError.refusal('NOT_FOUND', 'the page has no such file');
  let bytes: Buffer;
  try {
    bytes = readFileSync(join(folder, name));
  } catch {
    throw FoghornError.refusal('NOT_FOUND', 'the page is not built: run `npm run build`');
  }
  const tag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
  return { type, tag, bytes, zipped: gzipSync(bytes) };
}

function sendPageFile({ message, response }: HttpRequest, file: PageFile): void {
  response.setHeader('Cache-Control', 'no-cache');
  response.setHeader('ETag', file.tag);
  response.setHeader('Vary', 'Accept-Encoding');
  response.setHeader('Content-Security-Policy', CONTENT_SECURITY_POLICY);
  response.setHeader('Referrer-Policy', 'no-referrer');
  if (message.headers['if-none-match'] === file.tag) {
    response.writeHead(304).end();
    return;
  }
  const takesGzip = /\bgzip\b/.test(message.headers['accept-encoding'] ?? '');
  if (takesGzip) response.setHeader('Content-Encoding', 'gzip');
  const body = takesGzip ? file.zipped : file.bytes;
  response.writeHead(200, { 'Content-Type': file.type, 'Content-Length': body.length });
  response.end(body);
}
