/** What the commands end with. */
export const exitCodes = {
  done: 0,
  internal: 1,
  usage: 2,
  /** Some URL was not stored. */
  incomplete: 3,
  SIGINT: 130,
  SIGTERM: 143,
} as const;
