import { stat } from 'node:fs/promises';

/** New contents are in force within 2 s of their writing. */
const INTERVAL_MS = 500;

/**
 * Calls back after one of the files has changed, until the returned function is called. Looks at
 * the files again and again, because notifications miss links that are replaced.
 */
export function watchFiles(paths: readonly string[], onChange: () => Promise<void>): () => void {
  let before: string | undefined;
  const timer = setInterval(() => void look(), INTERVAL_MS);
  timer.unref();
  let isLooking = false;
  const look = async (): Promise<void> => {
    if (isLooking) return;
    isLooking = true;
    const now = await versionOf(paths);
    const hasChanged = before !== undefined && before !== now;
    before = now;
    if (hasChanged) await onChange();
    isLooking = false;
  };
  void look();
  return () => {
    clearInterval(timer);
  };
}

async function versionOf(paths: readonly string[]): Promise<string> {
  const versions = paths.map(async (path) => {
    try {
      const { ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
      return `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? 'unreadable';
    }
  });
  return (await Promise.all(versions)).join('\n');
}
