/** A collection may free objects whose dependants only the next one can free. */
const COLLECTIONS = 3;

/*
 * Imported with --import into a process run with --expose-gc: for each SIGUSR2 it collects all
 * garbage and prints `collected`.
 */
process.on('SIGUSR2', () => {
  for (let i = 0; i < COLLECTIONS; i++) gc?.();
  console.log('collected');
});
