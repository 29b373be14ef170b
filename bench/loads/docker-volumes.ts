import { runAtPace, type Pace } from './docker/pace.js';
import { subjectOf, volumeName, type Subjects } from './docker/subjects.js';
import { VolumeConnection } from './docker/volume-connection.js';

/** What the program is told, as JSON in its first argument. */
export interface VolumesSettings {
  /** Of the engine. */
  readonly socketPath: string;
  /** How many calls there are at any time, at most. */
  readonly connections: number;
  readonly subjects: Subjects;
  readonly pace: Pace;
}

/*
 * An engine tells of nothing but what it does. Of all of that, it does this with the least work: it is told to make a volume that
 * it has, which changes nothing and which Docker 20.10 tells all the same.
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
