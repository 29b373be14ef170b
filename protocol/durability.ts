/** Each durability, as the end of a sentence that begins with "an acknowledged event". */
export const DURABILITY_MEANING = {
  memory: 'is lost when the broker (or Redis) stops',
  os: "survives the broker and the store's process, not the machine's power loss",
  second:
    "survives the broker; the last two seconds may be lost with the store's machine or process",
  fsync: 'survives power loss',
} as const;
