import type { Recorders } from './recorders/recorders.js';

/** A part of the broker that needs attention, though events can be stored. */
export interface Warning {
  readonly source: 'access' | 'tls' | 'clock' | 'disk' | 'recorders' | 'readers';
  readonly reason: string;
}

/** The parts that warnings are derived from. */
export interface WarningSources {
  readonly accessFile: { readonly isBroken: boolean };
  readonly listeners: { readonly haveBrokenCertificate: boolean };
  readonly clock: { readonly isDoubtful: boolean };
  readonly disk: { readonly warning: string | undefined };
  readonly recorders: Pick<Recorders, 'missing' | 'known'>;
  /** When retention last removed events before a reader got them, ms since the process began. */
  readonly lastOvertaken: () => number | undefined;
}

/** Time for which a reader that was overtaken is worth a warning, in milliseconds. */
const OVERTAKEN_SHOWN_MS = 10 * 60_000;

/** Returns everything that an operator should look at now. */
export function warningsOf({
  accessFile,
  listeners,
  clock,
  disk,
  recorders,
  lastOvertaken,
}: WarningSources): readonly Warning[] {
  const overtaken = lastOvertaken() ?? -Infinity;
  const found: readonly (Warning | false)[] = [
    accessFile.isBroken && {
      source: 'access',
      // The fault may quote the file, and everyone may ask for the warnings.
      reason: 'the changed access file is broken, so its old rules stay in force: see the log',
    },
    listeners.haveBrokenCertificate && {
      source: 'tls',
      reason:
        'changed TLS files cannot be used, so the old certificate stays in force: see the log',
    },
    clock.isDoubtful && {
      source: 'clock',
      reason: 'the clock has jumped by more than a day: nothing is removed by age for now',
    },
    disk.warning !== undefined && { source: 'disk', reason: disk.warning },
    recorders.missing > 0 && {
      source: 'recorders',
      reason: `recorders that were attached have gone: ${recorders.missing}`,
    },
    ...unfollowedDaemons(recorders),
    performance.now() - overtaken < OVERTAKEN_SHOWN_MS && {
      source: 'readers',
      reason: 'retention has removed events before a reader got them',
    },
  ];
  return found.filter((warning) => warning !== false);
}

/** A warning for each kind of daemon that a recorder is attached for, and does not follow. */
function unfollowedDaemons({ known }: WarningSources['recorders']): readonly Warning[] {
  return (['docker', 'containerd'] as const).flatMap((kind) => {
    const away = known.filter(
      ({ daemon, state }) => daemon.kind === kind && state === 'daemon_away',
    );
    const [first] = away;
    if (first === undefined) return [];
    const count = away.length === 1 ? 'a recorder does' : `${away.length} recorders do`;
    const reason = `${count} not follow ${kind}, which is not recorded now: ${first.reported?.reason ?? ''}`;
    return { source: 'recorders', reason } as const;
  });
}
