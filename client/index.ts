export { connect } from './client.js';
export type { Client, ConnectOptions, SubscribeOptions } from './client.js';
export type { ClientStatus } from './client-status.js';
export type {
  Container,
  ContainerRun,
  LifecycleState,
  RunOfContainer,
} from '../protocol/container.js';
export type {
  ContainerFilter,
  ContainersOptions,
  Extent,
  RunsOptions,
} from './containers/containers.js';
export type { ConsumeOptions, ConsumerGap, Failure } from './consume/consume-options.js';
export type { ConsumerOptions, Consumers } from './consume/consumers.js';
export type { EventDelivery as Delivery } from './consume/delivery.js';
export type { DeliveryHandler } from './consume/handle-each.js';
export type {
  Consumer,
  ConsumerSettings,
  FailedTry,
  ListParkedResponse,
} from '../protos/gen/foghorn/v1/consumers.js';
export { pack, unpack } from './pack.js';
export type { EventType, Unpacked } from './pack.js';
export type { Publication, Receipt, TracedEnvelope } from './publish/publication.js';
export type { SpoolContents } from './spool/spool.js';
export type { LossReason } from '../protocol/gaps.js';
export { fileBookmark } from './read/bookmark.js';
export type { Bookmark } from './read/bookmark.js';
export type { EntryJson } from './read/entry-json.js';
export type { Moment } from './moment.js';
export type { ReadMessage } from './read/read-message.js';
export type { ReadOptions, ReadStart, ReadStatus } from './read/read-options.js';
export type { ClientSecurity, ClientTls } from './transport/security.js';
export type { CallLimits } from './transport/unary-call.js';
export type { Exit } from './wait/wait.js';
export type { WaitOptions } from './wait/wait-options.js';
export { nanosFromTimestamp, timestampFromNanos } from '../protocol/timestamp.js';
export type { TraceContext } from '../protocol/trace-context.js';
export { FoghornError } from '../protocol/errors.js';
export type { ErrorCode } from '../protocol/errors.js';
export { Durability } from '../protos/gen/foghorn/v1/history.js';
export type {
  DescribeResponse,
  Entry,
  Position,
  Retention,
} from '../protos/gen/foghorn/v1/history.js';
export { Any } from '../protos/gen/google/protobuf/any.js';
export type { Duration } from '../protos/gen/google/protobuf/duration.js';
export { Timestamp } from '../protos/gen/google/protobuf/timestamp.js';
export { Envelope } from '../protos/gen/containerd/types/event.js';
/** The payload types of containerd and of recorders, for `pack`; with their TypeScript types. */
export * as events from './event-types.js';
