/** Marks a promise as awaited later, so that Node does not report its rejection until then. */
export function handledLater<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
