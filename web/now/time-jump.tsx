export interface TimeJumpProps {
  /** RFC 3339 */
  readonly since: string | undefined;
  readonly onJump: (since: string | undefined) => void;
}

/** Goes to a moment of the history, or back to its end. */
export function TimeJump({ since, onJump }: TimeJumpProps) {
  return (
    <span class="jump">
      <label>
        from
        <input
          type="datetime-local"
          step="1"
          aria-label="Begin at"
          value={since === undefined ? '' : toLocalInput(Date.parse(since))}
          onChange={({ currentTarget: { value } }) => {
            onJump(value === '' ? undefined : new Date(value).toISOString());
          }}
        />
      </label>
      {since !== undefined && (
        <button
          type="button"
          onClick={() => {
            onJump(undefined);
          }}
        >
          newest
        </button>
      )}
    </span>
  );
}

/** A time as an input of type datetime-local has it: local, without a zone. */
export function toLocalInput(ms: number): string {
  if (Number.isNaN(ms)) return '';
  const local = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19);
}
