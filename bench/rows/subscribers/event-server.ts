import { CONTAINERD, startContainerd } from '../../servers/containerd.js';
import { FOGHORN, startFoghorn } from '../../servers/foghorn.js';
import type { Defer } from '../../support/resources.js';
import type { BenchOptions } from '../options.js';

/** A running server of containerd's events API. */
export interface EventServer {
  readonly pid: number;
  /** `unix:///path` */
  readonly address: string;
}

export interface EventServerKind {
  readonly name: string;
  readonly version: string;
  readonly missing: string | undefined;
  readonly start: (defer: Defer) => Promise<EventServer>;
}

export function foghorn(options: BenchOptions): EventServerKind {
  return { ...FOGHORN, start: (defer) => startFoghorn(options, defer) };
}

export const containerd: EventServerKind = { ...CONTAINERD, start: startContainerd };
