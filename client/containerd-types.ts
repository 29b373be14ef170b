export {
  ContainerCreate,
  ContainerDelete,
  ContainerUpdate,
} from '../protos/gen/events/container.js';
export { ContentCreate, ContentDelete } from '../protos/gen/events/content.js';
export {
  NamespaceCreate,
  NamespaceDelete,
  NamespaceUpdate,
} from '../protos/gen/events/namespace.js';
export { SandboxCreate, SandboxExit, SandboxStart } from '../protos/gen/events/sandbox.js';
export { SnapshotCommit, SnapshotPrepare, SnapshotRemove } from '../protos/gen/events/snapshot.js';
export {
  TaskCheckpointed,
  TaskCreate,
  TaskDelete,
  TaskExecAdded,
  TaskExecStarted,
  TaskExit,
  TaskIO,
  TaskOOM,
  TaskPaused,
  TaskResumed,
  TaskStart,
} from '../protos/gen/events/task.js';
