export { connect } from './client.js';
export type { Client, ConnectOptions, Publication, SubscribeOptions } from './client.js';
export type { LossReason, ReadMessage } from './read-message.js';
export type { ReadOptions, ReadStart, ReadStatus } from './read-options.js';
export type { CallLimits } from './unary-call.js';
export { nanosFromTimestamp, timestampFromNanos } from '../protos/timestamp.js';
export { FoghornError } from '../protos/errors.js';
export type { ErrorCode } from '../protos/errors.js';
export { Durability } from '../protos/gen/foghorn/v1/history.js';
export type { DescribeResponse, Entry, Position } from '../protos/gen/foghorn/v1/history.js';
export { Any } from '../protos/gen/google/protobuf/any.js';
export { Timestamp } from '../protos/gen/google/protobuf/timestamp.js';
export { Envelope } from '../protos/gen/types/event.js';
/** The payloads of containerd's events: `events.TaskExit.decode(entry.event.value)`. */
export * as events from './event-types.js';
