export {
  ContainerCreate,
  ContainerDelete,
  ContainerUpdate,
} from '../protos/gen/containerd/events/container.js';
export { ContentCreate, ContentDelete } from '../protos/gen/containerd/events/content.js';
export {
  NamespaceCreate,
  NamespaceDelete,
  NamespaceUpdate,
} from '../protos/gen/containerd/events/namespace.js';
export {
  SandboxCreate,
  SandboxExit,
  SandboxStart,
} from '../protos/gen/containerd/events/sandbox.js';
export {
  SnapshotCommit,
  SnapshotPrepare,
  SnapshotRemove,
} from '../protos/gen/containerd/events/snapshot.js';
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
} from '../protos/gen/containerd/events/task.js';
