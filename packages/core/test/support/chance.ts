/** Where the tests that must repeat themselves exactly get chance from. Nothing here: real chance. */
export const chance: {
  bytes: ((count: number) => Buffer) | undefined;
  fraction: (() => number) | undefined;
} = { bytes: undefined, fraction: undefined };
