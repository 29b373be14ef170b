/** One run leaves what the next one finds out to be free. */
const TIMES = 3;

/*
 * To be imported into a process that node runs with --expose-gc: for each SIGUSR2 it lets go of all memory that is not in use, and
 * prints `collected`.
 */
process.on('SIGUSR2', () => {
  for (let i = 0; i < TIMES; i++) gc?.();
  console.log('collected');
});
