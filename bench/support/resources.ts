type Step = () => unknown;

/** Registers what is to be undone in the end. */
export type Defer = (step: Step) => void;

/** What was made for one round, let go in the reverse order, also when the round has failed. */
export async function withResources<T>(use: (defer: Defer) => Promise<T>): Promise<T> {
  const steps: Step[] = [];
  try {
    return await use((step) => steps.push(step));
  } finally {
    await takeBack(steps);
  }
}

/** Takes every step, also when one before it fails. */
async function takeBack(steps: Step[]): Promise<void> {
  const step = steps.pop();
  if (step === undefined) return;
  try {
    await step();
  } finally {
    await takeBack(steps);
  }
}
