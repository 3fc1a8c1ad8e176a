/** What the commands end with. */
export const exitCodes = {
  done: 0,
  internal: 1,
  usage: 2,
  /** Some URL was not stored. */
  incomplete: 3,
  /** The application that was to be started did not start. */
  notStarted: 4,
  /** No list could be read, or nothing was in it. */
  nothing: 5,
  /** The time for the run was over before its end. */
  outOfTime: 6,
  SIGHUP: 129,
  SIGINT: 130,
  SIGTERM: 143,
} as const;
