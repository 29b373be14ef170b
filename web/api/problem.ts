/** The text of an answer that reports an error. */
export async function problemOf(answer: Response): Promise<string> {
  const text = await answer.text();
  try {
    const body = JSON.parse(text) as { message?: string };
    return body.message ?? text;
  } catch {
    return text === '' ? `HTTP ${answer.status}` : text;
  }
}

/** Fetches JSON; rejects with the broker's text if it refuses. */
export async function fetchJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  const answer = await fetch(path, {
    headers: { accept: 'application/json' },
    ...(signal && { signal }),
  });
  if (!answer.ok) throw new Error(await problemOf(answer));
  return (await answer.json()) as T;
}
