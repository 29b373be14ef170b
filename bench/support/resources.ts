type Step = () => unknown;

/** Registers a cleanup step for the end of the round. */
export type Defer = (step: Step) => void;

/** Runs a round, and then its cleanup steps in reverse order, even if the round fails. */
export async function withResources<T>(use: (defer: Defer) => Promise<T>): Promise<T> {
  const steps: Step[] = [];
  try {
    return await use((step) => steps.push(step));
  } finally {
    await cleanUp(steps);
  }
}

/** Runs every step, even if an earlier one fails. */
async function cleanUp(steps: Step[]): Promise<void> {
  const step = steps.pop();
  if (step === undefined) return;
  try {
    await step();
  } finally {
    await cleanUp(steps);
  }
}
