/** What a store promises of an acknowledged event; to be read after those two words. */
export const DURABILITY_MEANING = {
  memory: 'is gone with the process that keeps it',
  os: "survives the broker and the store's process, not the machine's power loss",
  second:
    "survives the broker; the last two seconds may be lost with the store's machine or process",
  fsync: 'survives power loss',
} as const;
