import { FoghornError } from '../../protocol/errors.js';
import { goQuote } from '../events/go-text.js';
import { NamespaceSet } from './namespace-set.js';
import type { Quota } from './quota.js';

/**
 * A right on a namespace: `publish` stores events, `read` sees them, `engine` passes calls on to
 * the engine or containerd behind the broker, `admin` sees and changes the broker itself.
 */
export type Right = (typeof RIGHTS)[number];

export const RIGHTS = ['publish', 'read', 'engine', 'admin'] as const;

/**
 * Who calls. Edges make it from a certificate, a token or the socket, once for a connection or
 * credential. Every broker and service method that reads or writes takes one.
 */
export interface Caller {
  readonly name: string;
  /** Cheap enough to ask for every event. EVERY_NAMESPACE asks for all namespaces at once. */
  may(right: Right, namespace: string): boolean;
  /** The namespaces that the caller may read. */
  readonly readable: NamespaceSet;
  /**
   * Calls back when `readable` has changed, until the returned function is called. Absent where it
   * never changes.
   */
  readonly onChange?: (listener: () => void) => () => void;
  /** How much the caller may use. Absent where it is not limited. */
  readonly quota?: Quota | undefined;
  /** Absent for callers within the broker, and for those that are not identified. */
  readonly audit?: CallerAudit;
}

/** Takes what a caller uses, is refused and changes. Must not throw. */
export interface CallerAudit {
  /** The caller uses a right. Cheap enough for every event. */
  allowed(right: Right, namespace: string): void;
  /** @param request the right and the namespace, or another description of what was refused */
  denied(request: Readonly<Record<string, string>>): void;
  /** @param change an action and what it was done to; events that are stored are no change */
  changed(change: Readonly<Record<string, string>>): void;
}

/** A caller that was not identified, without any right. */
export const STRANGER: Caller = {
  name: '',
  may: () => false,
  readable: NamespaceSet.NONE,
};

/** Stands for all namespaces at once. No namespace has this name. */
export const EVERY_NAMESPACE = '*';

/** Returns a caller with every right on every namespace. */
export function trustedCaller(name: string): Caller {
  return { name, may: () => true, readable: NamespaceSet.ALL };
}

/** Whether a caller may know what concerns the whole broker, such as sizes and other readers. */
export function seesWholeBroker(caller: Caller): boolean {
  return caller.readable.isEverything || caller.may('admin', EVERY_NAMESPACE);
}

/** A caller of a socket that no rules are given for. */
export const LOCAL = trustedCaller('local');

/** The broker itself, for what it derives from the history once for all callers. */
export const BROKER = trustedCaller('broker');

/** Throws PERMISSION_DENIED. The text names nothing that the caller did not send. */
export function checkMay(caller: Caller, right: Right, namespace: string): void {
  if (!caller.may(right, namespace)) {
    caller.audit?.denied({ right, namespace });
    throw denied(caller, right, namespace);
  }
  caller.audit?.allowed(right, namespace);
}

/** Checks a read of one namespace, see `checkMay`; undefined is all that the caller may read. */
export function checkReads(caller: Caller, namespace: string | undefined): void {
  if (namespace === undefined) readsAllReadable(caller);
  else checkMay(caller, 'read', namespace);
}

/** Reports that a caller reads without naming a namespace, so that nothing is refused. */
export function readsAllReadable(caller: Caller): void {
  caller.audit?.allowed('read', EVERY_NAMESPACE);
}

function denied({ name }: Caller, right: Right, namespace: string): FoghornError {
  const where =
    namespace === EVERY_NAMESPACE ? 'every namespace' : `namespace ${goQuote(namespace)}`;
  return FoghornError.refusal(
    'PERMISSION_DENIED',
    `${goQuote(name)} does not have the right ${right} on ${where}`,
  );
}
