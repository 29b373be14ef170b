/** An event in a line of GET /events. */
export interface ToldEvent {
  readonly type: string;
  readonly action: string;
  readonly id: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly timeNano: bigint;
  readonly cursor: string | undefined;
}

export function toldEvent(line: string): ToldEvent {
  const { Type, Action, Actor, cursor } = JSON.parse(line) as {
    Type: string;
    Action: string;
    Actor: { ID: string; Attributes: Record<string, string> };
    cursor?: string;
  };
  const [, timeNano = ''] = /"timeNano":(-?\d+)/.exec(line) ?? [];
  return {
    type: Type,
    action: Action,
    id: Actor.ID,
    attributes: Actor.Attributes,
    timeNano: BigInt(timeNano),
    cursor,
  };
}

export function actionsOf(lines: readonly string[]): string[] {
  return lines.map((line) => toldEvent(line).action);
}

/** Returns the exit codes of the die events. */
export function exitCodesOf(lines: readonly string[]): string[] {
  return lines
    .map(toldEvent)
    .filter(({ action }) => action === 'die')
    .map(({ attributes }) => attributes.exitCode!);
}
