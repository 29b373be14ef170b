/** Returns the topic in a line of `ctr events`. */
export function topicOf(line: string): string {
  return /^\S+ \S+ \S+ UTC \S+ (\S+)/.exec(line)?.[1] ?? `no topic in: ${line}`;
}

/** Returns the container or exec id and the exit code of each exit in lines of `ctr events`. */
export function exitsIn(lines: readonly string[]): [id: string, code: number][] {
  return lines
    .filter((line) => topicOf(line) === '/tasks/exit')
    .map(
      (line) => JSON.parse(line.slice(line.indexOf('{'))) as { id: string; exit_status?: number },
    )
    .map(({ id, exit_status: code = 0 }) => [id, code]);
}
