import { expect } from 'chai';
import {
  GapPolicy,
  type GapReason,
  type ReadRequest,
} from '../../protos/gen/foghorn/v1/history.js';
import { messagesOf, offsetsOf } from './responses.js';
import type { TestClient } from './test-client.js';

export function resumeAfter(cursor: string): Partial<ReadRequest> {
  return { start: { $case: 'after', value: cursor }, stopWhenCaughtUp: true };
}

/** Expects both gap policies to work: a refusal, and a gap followed by the kept entries. */
export async function expectGap(
  client: TestClient,
  cursor: string,
  reason: GapReason,
  lostAtMost: bigint,
  kept: number[],
): Promise<void> {
  const failing = client.read(resumeAfter(cursor));
  const { code, details } = await failing.status;
  expect(code).to.equal(11);
  expect(failing.messages).to.deep.equal([]);
  expect(details).to.contain(`cannot go on after cursor ${cursor}`);

  const gapPolicy = GapPolicy.GAP_POLICY_CONTINUE;
  const all = await client.read({ ...resumeAfter(cursor), gapPolicy }).toEnd();
  const [gap] = messagesOf([all[0]!], 'gap');
  expect(gap).to.include({ reason, from: cursor, lostAtMost });
  expect(offsetsOf(all)).to.deep.equal(kept);
  // The gap's cursor is a valid position to resume after.
  expect(details).to.contain(gap!.to);
  expect(offsetsOf(await client.read(resumeAfter(gap!.to)).toEnd())).to.deep.equal(kept);
}
