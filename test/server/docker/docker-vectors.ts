import type { DockerEventFields } from '../../../protocol/docker-event.js';
import { vectors } from '../../support/vectors.js';

/**
 * Facts about dockerd as neutral data, shared with other implementations. These kinds need no
 * server.
 */
export type Vector =
  | FixtureVector
  | HistoryVector
  | FiltersVector
  | PrefixVector
  | LabelVector
  | TimestampVector
  | StripVector
  | AcceptVector
  | ContentTypeVector
  | ApiVersionVector;

interface FixtureVector {
  readonly kind: 'fixture';
  readonly name: string;
  readonly events: readonly FixtureEvent[];
}

interface FixtureEvent {
  readonly Type: string;
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
  readonly scope: string;
  readonly timeNano: string;
}

/** The answer to a request: an error, or the indexes of events in the fixture. */
export interface Answer {
  readonly status: number;
  readonly message?: string;
  readonly expect?: readonly number[];
}

export interface HistoryVector extends Partial<Answer> {
  readonly kind: 'events-history';
  readonly name: string;
  readonly events: string;
  readonly query: { readonly since?: string; readonly until?: string; readonly filters?: string };
  /** The answer of dockerd 29.4 and later, if older ones differ. */
  readonly modern?: Answer;
}

interface FiltersVector {
  readonly kind: 'filters-parse';
  readonly in: string;
  readonly expect?: Readonly<Record<string, readonly string[]>>;
  readonly error?: string;
}

interface PrefixVector {
  readonly kind: 'match-prefix';
  readonly name: string;
  readonly values: readonly string[];
  readonly in: string;
  readonly expect: boolean;
}

interface LabelVector {
  readonly kind: 'match-label';
  readonly values: readonly string[];
  readonly attributes: Readonly<Record<string, string>>;
  readonly expect: boolean;
}

interface TimestampVector {
  readonly kind: 'server-timestamp';
  readonly in: string;
  readonly expect?: { readonly s: number; readonly ns: number } | null;
}

interface StripVector {
  readonly kind: 'image-strip';
  readonly in: string;
  readonly expect: string;
}

interface AcceptVector {
  readonly kind: 'accept';
  readonly accept: string;
  readonly offers: readonly string[];
  readonly expect: string;
}

interface ContentTypeVector {
  readonly kind: 'events-content-type';
  readonly api: string;
  readonly accept: string;
  readonly expect: string;
  readonly framing: string;
}

interface ApiVersionVector {
  readonly kind: 'api-version';
  readonly min: string;
  readonly max: string;
  readonly requested: string;
  readonly effective?: string;
  readonly message?: string;
  readonly content_type?: string;
}

export const dockerVectors = vectors('docker-events') as readonly Vector[];

export function vectorsOf<K extends Vector['kind']>(kind: K): Extract<Vector, { kind: K }>[] {
  return dockerVectors.filter(
    (vector): vector is Extract<Vector, { kind: K }> => vector.kind === kind,
  );
}

/** The events of a fixture, which a vector names as `@name`. */
export function fixture(reference: string): DockerEventFields[] {
  const found = vectorsOf('fixture').find(({ name }) => `@${name}` === reference);
  return found!.events.map(({ Type, Action, Actor, scope, timeNano }) => ({
    type: Type,
    action: Action,
    actorId: Actor.ID,
    attributes: new Map(Object.entries(Actor.Attributes)),
    scope,
    timeNano: BigInt(timeNano),
  }));
}
