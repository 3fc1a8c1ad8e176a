/** Where the tests that must repeat themselves exactly get chance from. Nothing here: real chance. */
export const chance: {
  bytes: ((count: number) => Buffer) | undefined;
  fraction: (() => number) | undefined;
  /** The number of the process that opens a cache now. */
  pid: number;
  /** Processes that have died. */
  dead: (pid: number) => boolean;
} = { bytes: undefined, fraction: undefined, pid: 0, dead: () => false };
