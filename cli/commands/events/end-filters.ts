import { OBSERVED_EXEC_TOPIC, OBSERVED_RUN_TOPIC } from '../../../protocol/recorder-topics.js';

/** The fields in which events report exit codes: of containerd, of an engine, of recorders. */
const EXIT_CODES = [
  ['/tasks/exit', 'event.exit_status'],
  ['/docker/container/die', 'event.attributes.exitCode'],
  // A recorder's comparison with its daemon, after it or the daemon was away.
  [OBSERVED_RUN_TOPIC, 'event.ended.exit_status'],
  [OBSERVED_EXEC_TOPIC, 'event.ended.exit_status'],
  [OBSERVED_RUN_TOPIC, 'event.not_started.exit_status'],
] as const;

/** Fields of ends without a code. */
const REASONS = [
  [OBSERVED_RUN_TOPIC, 'event.not_started.reason'],
  [OBSERVED_RUN_TOPIC, 'event.lost.reason'],
  [OBSERVED_EXEC_TOPIC, 'event.lost.reason'],
] as const;

/** Filters for ends with an exit code. */
export function endsWithCode(code: number): string[] {
  return EXIT_CODES.map(([topic, field]) => `topic=="${topic}",${field}==${code}`);
}

/** Filters for ends with another code than 0, for starts that failed, and for lost ends. */
export const FAILED_ENDS: readonly string[] = [
  // A field that is absent differs from 0, so fields of one kind of observation have to be present.
  ...EXIT_CODES.map(([topic, field]) =>
    topic.startsWith('/foghorn/')
      ? `topic=="${topic}",${field},${field}!=0`
      : `topic=="${topic}",${field}!=0`,
  ),
  ...REASONS.map(([topic, field]) => `topic=="${topic}",${field}`),
];
