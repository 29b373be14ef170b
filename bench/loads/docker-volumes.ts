import { runAtPace, type Pace } from './docker/pace.js';
import { subjectOf, volumeName, type Subjects } from './docker/subjects.js';
import { VolumeConnection } from './docker/volume-connection.js';

/** The program's first argument, as JSON. */
export interface VolumesSettings {
  /** Socket of the engine. */
  readonly socketPath: string;
  /** Upper bound of concurrent calls. */
  readonly connections: number;
  readonly subjects: Subjects;
  readonly pace: Pace;
}

/*
 * Makes a Docker engine emit events with the least work: creating a volume that exists changes
 * nothing, but Docker 20.10 emits an event for it.
 */
const { socketPath, connections, subjects, pace } = JSON.parse(
  process.argv[2] ?? '',
) as VolumesSettings;
const all = await Promise.all(
  Array.from({ length: connections }, () => VolumeConnection.open(socketPath)),
);
const idle = [...all];
const waiting: ((connection: VolumeConnection) => void)[] = [];

async function createVolume(name: string): Promise<void> {
  const connection =
    idle.pop() ?? (await new Promise<VolumeConnection>((resolve) => waiting.push(resolve)));
  await connection.create(name);
  const next = waiting.shift();
  if (next === undefined) idle.push(connection);
  else next(connection);
}

let events = 0;
await runAtPace(() => createVolume(volumeName(subjectOf(events++, subjects))), pace);
for (const connection of all) connection.close();
