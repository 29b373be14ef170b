import { nanosFromTimestamp, unpack, type Any, type Timestamp } from '../../../client/index.js';
import { momentText } from '../../format/moment.js';

const OWN_TYPE = /foghorn\.v1\.(?:DockerRecording|MissedEvents)$/;

/** A recorder's note about its own recording, in words; undefined for every other payload. */
export function recordingNote(event: Any | undefined): string | undefined {
  // Spares every other event a decoding.
  if (event === undefined || !OWN_TYPE.test(event.typeUrl)) return undefined;
  const unpacked = unpack(event);
  if (unpacked?.type === 'foghorn.v1.DockerRecording') {
    const { missingFrom, missingTo } = unpacked.value;
    const span = spanText(missingFrom, missingTo);
    const note = 'recording of the engine began';
    return span === '' ? note : `${note}; events may be missing${span}`;
  }
  if (unpacked?.type === 'foghorn.v1.MissedEvents') {
    const { daemon, from, to, reason } = unpacked.value;
    return `events of ${daemon} may be missing${spanText(from, to)}${reason === '' ? '' : `: ${reason}`}`;
  }
  return undefined;
}

function spanText(from: Timestamp | undefined, to: Timestamp | undefined): string {
  const begin = from === undefined ? '' : ` from ${momentText(nanosFromTimestamp(from), 'utc')}`;
  return to === undefined ? begin : `${begin} to ${momentText(nanosFromTimestamp(to), 'utc')}`;
}
