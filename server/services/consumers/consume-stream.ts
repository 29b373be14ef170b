import {
  ConsumeRequest,
  ConsumeResponse,
  type DeliveryAnswers,
  type DeliveryId as DeliveryIdMessage,
  type MemberHello,
} from '../../../protos/gen/foghorn/v1/consumers.js';
import { FoghornError } from '../../../protocol/errors.js';
import { durationFromMs } from '../../../protocol/timestamp.js';
import {
  decodeAcks,
  encodeAnswered,
  type WireDeliveryId,
} from '../../../protocol/wire/delivery-ids.js';
import type { Gap } from '../../broker/subscription-message.js';
import type { ActiveConsumer } from '../../consumers/active-consumer.js';
import type { DurableConsumers } from '../../consumers/durable-consumers.js';
import type { MemberAnswer, DeliveredEvent, DeliveryId, Member } from '../../consumers/member.js';
import type { AttachedMember } from '../../consumers/members.js';
import type { Call, RequestHandler, ResponseStream } from '../service.js';
import { gapMessage } from '../history/read-response.js';
import { encodeDeliveries } from './delivery-batch.js';
import { durationMs } from './settings.js';

/** Most deliveries that a member may ask for without having answered them. */
const MAX_CREDIT = 1_000_000;
const MAX_HELD = 1_000_000;
const MAX_NAME = 128;
const DELAY_LIMITS = { min: 0, max: 7 * 24 * 3_600_000 };

/** A request of a member; one with nothing but acknowledgements is their list. */
export type MemberRequest = ConsumeRequest | readonly WireDeliveryId[];

/** Decodes a ConsumeRequest; throws for bytes that are none. */
export function decodeMemberRequest(bytes: Uint8Array): MemberRequest {
  return decodeAcks(bytes) ?? ConsumeRequest.decode(bytes);
}

/** One call of Consume: a member's connection to a consumer. */
export class ConsumeStream implements RequestHandler<MemberRequest>, Member {
  name = '';
  #consumer: ActiveConsumer | undefined;
  #attached: AttachedMember | undefined;
  #isOver = false;
  #hasBegun = false;
  #isLeaving = false;
  /** Requests that arrived before the member was attached. */
  #waiting: MemberRequest[] = [];

  constructor(
    private readonly call: Call,
    private readonly responses: ResponseStream,
    private readonly consumers: DurableConsumers,
  ) {
    const stopWatching = call.caller.onChange?.(() => {
      this.#consumer?.end(undefined);
    });
    call.signal.addEventListener('abort', () => {
      stopWatching?.();
      this.#isOver = true;
      this.#detach();
    });
  }

  take(request: MemberRequest): void {
    if (this.#isOver) return;
    try {
      if (!this.#hasBegun) this.#begin(request);
      else if (this.#attached === undefined) this.#waiting.push(request);
      else this.#take(request, this.#attached);
    } catch (error) {
      this.fail(error);
    }
  }

  #begin(request: MemberRequest): void {
    const message = 'message' in request ? request.message : undefined;
    if (message?.$case !== 'hello') throw invalid('expected who attaches in the first request');
    const { member, held } = message.value;
    if (member === '' || member.length > MAX_NAME) {
      throw invalid(`member: expected a name of 1 to ${MAX_NAME} characters`);
    }
    if (held.length > MAX_HELD) throw invalid(`held: expected at most ${MAX_HELD} deliveries`);
    this.#hasBegun = true;
    this.name = member;
    this.responses.pause();
    this.#attach(message.value).catch((error: unknown) => {
      this.fail(error);
    });
  }

  async #attach({ consumer: name, held }: MemberHello): Promise<void> {
    const consumer = await this.consumers.activate(this.call.caller, name);
    this.#consumer = consumer;
    const { ackWaitMs } = consumer.snapshot.settings;
    this.#send({ $case: 'welcome', value: { ackWait: durationFromMs(ackWaitMs) } });
    this.#attached = await consumer.attach(this, held.map(deliveryId));
    if (this.#isOver) {
      this.#detach();
      return;
    }
    for (const request of this.#waiting.splice(0)) this.take(request);
    this.responses.resume();
  }

  #take(request: MemberRequest, attached: AttachedMember): void {
    if (!('message' in request)) {
      this.#consumer?.answer(attached, request.map(ackOf));
      return;
    }
    const { message } = request;
    switch (message?.$case) {
      case 'credit':
        if (attached.credit + message.value > MAX_CREDIT) {
          throw invalid(`credit: expected at most ${MAX_CREDIT} in total`);
        }
        this.#consumer?.credit(attached, message.value);
        return;
      case 'answers':
        this.#consumer?.answer(attached, answersIn(message.value));
        return;
      case 'leave':
        void this.#leave(attached);
        return;
      default:
        throw invalid('expected credit, answers, or that the member leaves');
    }
  }

  async #leave(attached: AttachedMember): Promise<void> {
    this.#isLeaving = true;
    try {
      await this.#consumer?.leave(attached);
      this.#finish();
    } catch (error) {
      this.fail(error);
    }
  }

  deliver(events: readonly DeliveredEvent[]): void {
    for (const batch of encodeDeliveries(events)) void this.responses.send(batch);
  }

  answered(stored: readonly DeliveryId[], lost: readonly DeliveryId[]): void {
    if (stored.length === 0 && lost.length === 0) return;
    void this.responses.send(encodeAnswered(stored, lost));
  }

  gap(gap: Gap): void {
    this.#send({ $case: 'gap', value: gapMessage(gap) });
  }

  paused(reason: string): void {
    this.#send({ $case: 'paused', value: reason });
  }

  #send(message: NonNullable<ConsumeResponse['message']>): void {
    void this.responses.send(ConsumeResponse.encode({ message }).finish());
  }

  /** Ends the call; once its member leaves, only after the answers to it are sent. */
  end(): void {
    if (!this.#isLeaving) this.#finish();
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#detach();
    this.responses.end();
  }

  fail(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#detach();
    this.responses.fail(error);
  }

  #detach(): void {
    const attached = this.#attached;
    if (attached === undefined) return;
    this.#attached = undefined;
    this.#consumer?.disconnect(attached);
  }
}

function ackOf({ id, attempt }: WireDeliveryId): MemberAnswer {
  return { id, attempt, kind: 'ack' };
}

function answersIn({ ack, nack, inProgress }: DeliveryAnswers): MemberAnswer[] {
  const answers: MemberAnswer[] = [];
  for (const id of ack) answers.push({ ...deliveryId(id), kind: 'ack' });
  for (const { id, delay, reason, terminate } of nack) {
    if (id === undefined) throw invalid('nack: expected the delivery');
    const delayMs = delay && durationMs('delay', delay, DELAY_LIMITS);
    answers.push({ ...deliveryId(id), kind: 'nack', delayMs, reason, isFinal: terminate });
  }
  for (const id of inProgress) answers.push({ ...deliveryId(id), kind: 'in progress' });
  return answers;
}

function deliveryId({ event, attempt }: DeliveryIdMessage): DeliveryId {
  return { id: Number(event), attempt };
}

function invalid(text: string): FoghornError {
  return new FoghornError('INVALID_ARGUMENT', text);
}
