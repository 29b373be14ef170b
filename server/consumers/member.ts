import type { EncodedEntry } from '../../protocol/wire/read-response.js';
import type { Gap } from '../broker/subscription-message.js';

/** Names a delivery of one consumer. */
export interface DeliveryId {
  /** See ConsumerStore. */
  readonly id: number;
  readonly attempt: number;
}

export interface DeliveredEvent extends DeliveryId {
  readonly content: EncodedEntry;
}

/** A member's connection to a consumer. Its methods must not throw. */
export interface Member {
  /** A random name, the same over connections. */
  readonly name: string;
  deliver(events: readonly DeliveredEvent[]): void;
  /** Answers that are stored, and deliveries whose lease had run out. */
  answered(stored: readonly DeliveryId[], lost: readonly DeliveryId[]): void;
  gap(gap: Gap): void;
  paused(reason: string): void;
  /** The member is to attach again. */
  end(): void;
  fail(error: unknown): void;
}

/** A member's answer to a delivery. */
export type MemberAnswer = DeliveryId &
  (
    | { readonly kind: 'ack' }
    | { readonly kind: 'in progress' }
    | {
        readonly kind: 'nack';
        /** Undefined for the consumer's back-off. */
        readonly delayMs: number | undefined;
        readonly reason: string;
        /** Park it at once. */
        readonly isFinal: boolean;
      }
  );
