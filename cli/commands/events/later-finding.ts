import { unpack, type Any } from '../../../client/index.js';

/** How a recorder found a run or an exec whose end was not reported. */
export interface LaterFinding {
  readonly kind: 'goesOn' | 'ended' | 'notStarted' | 'lost';
  /** Undefined if it is not known. */
  readonly exitCode: number | undefined;
  /** The fact in words. */
  readonly what: string;
}

const OBSERVED = /foghorn\.v1\.Observed(Run|Exec)$/;

/** Reads the payload of an observed run or exec; undefined for every other payload. */
export function laterFinding(event: Any | undefined): LaterFinding | undefined {
  // Spares every other event a decoding.
  if (event === undefined || !OBSERVED.test(event.typeUrl)) return undefined;
  const unpacked = unpack(event);
  if (unpacked?.type !== 'foghorn.v1.ObservedRun' && unpacked?.type !== 'foghorn.v1.ObservedExec') {
    return undefined;
  }
  const { observation } = unpacked.value;
  const exec = unpacked.type === 'foghorn.v1.ObservedExec' ? 'exec ' : '';
  switch (observation?.$case) {
    case undefined:
      return undefined;
    case 'goesOn':
      return { kind: 'goesOn', exitCode: undefined, what: 'is running' };
    case 'ended': {
      const { exitStatus } = observation.value;
      return { kind: 'ended', exitCode: exitStatus, what: `${exec}exited ${exitStatus}` };
    }
    case 'notStarted': {
      const { exitStatus, reason } = observation.value;
      const what = `could not be started: ${reason || 'the reason is not known'}`;
      return { kind: 'notStarted', exitCode: exitStatus, what };
    }
    case 'lost':
      return {
        kind: 'lost',
        exitCode: undefined,
        what: `${exec}lost: ${observation.value.reason}`,
      };
  }
}
