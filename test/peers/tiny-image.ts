import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child } from '../support/processes/child.js';
import type { Containerd } from './containerd.js';

const OCI = 'application/vnd.oci.image';

/** Imports an image without layers into containerd, as `<name>:latest`. */
export async function importTinyImage(containerd: Containerd, name: string): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'foghorn-image-'));
  try {
    const archive = join(directory, 'image.tar');
    await writeImage(join(directory, 'layout'));
    await new Child('tar', ['-C', join(directory, 'layout'), '-cf', archive, '.']).succeeded();
    const flags = ['--no-unpack', '--all-platforms', '--base-name', name];
    await containerd.ctr('images', 'import', ...flags, archive).succeeded();
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** An OCI image layout. */
async function writeImage(layout: string): Promise<void> {
  const blobs = join(layout, 'blobs/sha256');
  await mkdir(blobs, { recursive: true });
  const writeBlob = async (mediaType: string, content: object) => {
    const bytes = JSON.stringify(content);
    const hash = createHash('sha256').update(bytes).digest('hex');
    await writeFile(join(blobs, hash), bytes);
    return { mediaType, digest: `sha256:${hash}`, size: bytes.length };
  };
  const config = await writeBlob(`${OCI}.config.v1+json`, {
    architecture: 'amd64',
    os: 'linux',
    rootfs: { type: 'layers', diff_ids: [] },
  });
  const mediaType = `${OCI}.manifest.v1+json`;
  const manifest = await writeBlob(mediaType, { schemaVersion: 2, mediaType, config, layers: [] });
  const annotations = { 'org.opencontainers.image.ref.name': 'latest' };
  const index = { schemaVersion: 2, manifests: [{ ...manifest, annotations }] };
  await writeFile(join(layout, 'index.json'), JSON.stringify(index));
  await writeFile(join(layout, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
}
