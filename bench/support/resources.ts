/** What was made for one round, let go in the reverse order, also when the round has failed. */
export async function withResources<T>(
  use: (defer: (step: () => unknown) => void) => Promise<T>,
): Promise<T> {
  const steps: (() => unknown)[] = [];
  try {
    return await use((step) => steps.push(step));
  } finally {
    for (const step of steps.reverse()) await step();
  }
}
