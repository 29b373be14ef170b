import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Option } from 'commander';
import { parseEngineAddress } from '../../../bridge/docker/engine-address.js';
import type { EngineAddress, EngineTls } from '../../../protocol/engine-address.js';
import { FoghornError } from '../../../protocol/errors.js';
import { flag, listFlag } from '../../flags.js';

/** Values of the flags for daemons that the broker stands in front of, or records. */
export interface EngineFlags {
  readonly engine?: EngineAddress;
  readonly engineTls?: string;
  readonly containerd?: EngineAddress;
  readonly record?: readonly string[];
  readonly recordSpool?: string;
}

export function engineFlags(): Option[] {
  return [
    flag(
      '--engine <ADDR>',
      'Docker engine that answers what history cannot, and is recorded: unix:///path, the path alone, or tcp://host:port',
      parseEngineAddress,
    ).env('FOGHORN_ENGINE'),
    flag(
      '--engine-tls <DIR>',
      'directory with ca.pem, cert.pem and key.pem for the engine, as DOCKER_CERT_PATH',
    ).env('FOGHORN_ENGINE_TLS'),
    flag(
      '--containerd <ADDR>',
      "containerd that answers every gRPC method that is not Foghorn's, and is recorded: unix:///path, or the path alone",
      parseEngineAddress,
    ).env('FOGHORN_CONTAINERD'),
    listFlag(
      '--record <KIND=ADDR>',
      'daemon to record in this process: containerd=ADDR or docker=ADDR (repeatable, or separate with commas)',
      (text) => {
        parseRecorded(text);
        return text;
      },
    ).env('FOGHORN_RECORD'),
    flag(
      '--record-spool <DIR>',
      'directory for the spools of these recorders (default: one for each daemon and --store)',
    ).env('FOGHORN_RECORD_SPOOL'),
  ];
}

/** A daemon to record, from `KIND=ADDR`. */
export interface RecordedAddress {
  readonly kind: 'containerd' | 'docker';
  readonly address: EngineAddress;
}

/** @throws FoghornError INVALID_ARGUMENT for another form. */
function parseRecorded(text: string): RecordedAddress {
  const [, kind, address = ''] = /^(containerd|docker)=(.+)$/.exec(text) ?? [];
  if (kind !== 'containerd' && kind !== 'docker') {
    throw new FoghornError('INVALID_ARGUMENT', 'Expected containerd=ADDR or docker=ADDR.');
  }
  return { kind, address: parseEngineAddress(address) };
}

/** The address of the engine with the texts of its certificates; undefined without an engine. */
export async function engineOf({
  engine,
  engineTls,
}: EngineFlags): Promise<EngineAddress | undefined> {
  if (engine === undefined || engineTls === undefined) return engine;
  return { ...engine, tls: await readCertificates(engineTls) };
}

async function readCertificates(directory: string): Promise<EngineTls> {
  const read = (name: string) => readFile(join(directory, name), 'utf8');
  try {
    const [ca, cert, key] = await Promise.all([read('ca.pem'), read('cert.pem'), read('key.pem')]);
    return { ca, cert, key };
  } catch (error) {
    throw new FoghornError(
      'FAILED_PRECONDITION',
      `cannot read the certificates of --engine-tls: ${(error as Error).message}`,
      { cause: error },
    );
  }
}

/**
 * The daemons to record: those that the broker stands in front of, and those of --record. Each is
 * recorded once, because two recorders of one daemon would share a directory.
 */
export function daemonsOf(
  { containerd, record = [] }: EngineFlags,
  engine: EngineAddress | undefined,
): readonly RecordedAddress[] {
  const daemons = [
    ...(engine === undefined ? [] : [{ kind: 'docker' as const, address: engine }]),
    ...(containerd === undefined ? [] : [{ kind: 'containerd' as const, address: containerd }]),
    ...record.map(parseRecorded),
  ];
  const isFirst = ({ kind, address }: RecordedAddress, at: number): boolean =>
    daemons.findIndex((one) => one.kind === kind && one.address.text === address.text) === at;
  return daemons.filter(isFirst);
}
