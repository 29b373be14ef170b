export { DockerEvent, DockerRecording } from '../protos/gen/foghorn/v1/docker.js';
export { ContainerdContainer, MissedEvents } from '../protos/gen/foghorn/v1/recording.js';
export { ObservedExec, ObservedRun } from '../protos/gen/foghorn/v1/run.js';
