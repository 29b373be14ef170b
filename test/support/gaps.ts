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

/** Expects both ways of meeting a gap: refused before anything is sent, or told and then what is kept. */
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
  // What the gap leads to is a place to resume, too.
  expect(details).to.contain(gap!.to);
  expect(offsetsOf(await client.read(resumeAfter(gap!.to)).toEnd())).to.deep.equal(kept);
}
