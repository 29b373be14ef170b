import { mkdtempSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import { pino } from 'pino';
import { HttpEdge } from '../../../server/http/http-edge.js';
import { pageRoutes } from '../../../server/http/page-routes.js';
import { openListeners } from '../../support/open-listeners.js';

interface Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

describe('the page', () => {
  const folder = mkdtempSync(join(tmpdir(), 'page-'));
  const edge = new HttpEdge(pageRoutes(folder), openListeners(), 1000, pino({ level: 'silent' }));
  let base = '';
  const get = (path: string, headers: Record<string, string> = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const call = request(`${base}${path}`, { headers }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () => {
          const { statusCode: status, headers } = response;
          resolve({ status, headers, body: Buffer.concat(parts) });
        });
      });
      call.on('error', reject).end();
    });

  before(async () => {
    writeFileSync(join(folder, 'index.html'), '<p>page');
    writeFileSync(join(folder, 'page.js'), 'run();'.repeat(100));
    base = await edge.listen('127.0.0.1:0');
  });
  after(() => edge.close());

  it('is one document at the address of each view, under a strict policy', async () => {
    for (const path of ['/', '/now', '/containers', '/broker']) {
      const { status, headers, body } = await get(`${path}?filter=x`);
      expect([status, body.toString()]).to.deep.equal([200, '<p>page']);
      expect(headers['content-security-policy']).to.match(/^default-src 'none'; script-src 'self'/);
      expect(headers['content-type']).to.equal('text/html; charset=utf-8');
    }
  });

  it('is compressed for clients that take that, and not sent again while it is the same', async () => {
    const { headers, body } = await get('/page/page.js', { 'accept-encoding': 'br, gzip' });
    expect(headers['content-encoding']).to.equal('gzip');
    expect(gunzipSync(body).toString()).to.equal('run();'.repeat(100));
    const again = await get('/page/page.js', { 'if-none-match': String(headers.etag) });
    expect([again.status, again.body.length]).to.deep.equal([304, 0]);
  });

  it('has no file besides its own', async () => {
    for (const name of ['nothing', '..%2fpackage.json', 'constructor']) {
      expect((await get(`/page/${name}`)).status, name).to.equal(404);
    }
  });

  it('says how to build it where it is not built', async () => {
    const { status, body } = await get('/page/page.css');
    expect(status).to.equal(404);
    expect(body.toString()).to.contain('npm run build');
  });
});
