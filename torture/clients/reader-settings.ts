import type { FreshStart } from '../records/lines.js';
import type { Selection } from '../records/selection.js';

/** What one reader asks for, and where it leaves what it got. */
export interface ReadingSettings {
  readonly record: string;
  readonly selection: Selection;
  readonly gapPolicy: 'fail' | 'continue';
  readonly start: FreshStart | { readonly after: string };
  /** Milliseconds that it takes for each batch while it follows. */
  readonly pauseMs: number;
  /** It ends after this many entries; null is never. */
  readonly limit: number | null;
}

/** What a reader of the checks is told. */
export interface ReaderSettings extends ReadingSettings {
  /** It goes to the next one whenever it is cut or begins again. */
  readonly addresses: readonly string[];
}

/** One that may begin at the very edges of history: after the first entry kept, or after the last. */
export type CrowdReader = Omit<ReadingSettings, 'start'> & {
  readonly start: FreshStart | 'after first' | 'after last';
};

/** What a crowd of short readers is told. */
export interface CrowdSettings {
  readonly addresses: readonly string[];
  readonly readers: readonly CrowdReader[];
  /** Over how many connections to each broker they come. */
  readonly connections: number;
  /** When the last of them gives up, in milliseconds. */
  readonly patienceMs: number;
}
