import { FoghornError } from '../../client/index.js';
import type { Client } from '../../client/index.js';
import type { WaitCondition, WaiterLine } from '../records/lines.js';
import type { RecordWriter } from '../records/record-writer.js';

export interface WaitFor {
  readonly namespace: string;
  readonly container: string;
  readonly condition: WaitCondition;
}

export interface WaitLimits {
  /** Timeout in milliseconds. */
  readonly timeout: number;
  readonly signal?: AbortSignal;
}

/** Makes the calls of one waiter and records each before the call and after its answer. */
export class Waiting {
  constructor(
    private readonly record: RecordWriter<WaiterLine>,
    /** Number of earlier calls. */
    private calls: number,
  ) {}

  /** @throws Error that is not a FoghornError */
  async wait(
    client: Client,
    { namespace, container: id, condition }: WaitFor,
    limits: WaitLimits,
  ): Promise<void> {
    const n = ++this.calls;
    this.record.write({ kind: 'invoke', n, namespace, container: id, condition });
    try {
      const options = { ...conditionOption(condition), ...limits };
      const { status, pid, cursor } = await client.wait({ namespace, id }, options);
      this.record.write({ kind: 'exited', n, status, pid, cursor });
    } catch (error) {
      if (!(error instanceof FoghornError)) throw error;
      this.record.write({ kind: 'failed', n, code: error.code, message: error.message });
    }
  }
}

function conditionOption(condition: WaitCondition): {
  pid?: number;
  after?: string;
  next?: boolean;
} {
  switch (condition.kind) {
    case 'not running':
      return {};
    case 'next':
      return { next: true };
    case 'after':
      return { after: condition.cursor };
    case 'pid':
      return { pid: condition.pid };
  }
}
