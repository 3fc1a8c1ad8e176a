/** The names of the commands of `pagetree`, in the order in which somebody learns them. */
export const commandNames = [
  ...([
    'warm',
    'purge',
    'ls',
    'why',
    'stats',
    'top',
    'cat',
    'verify',
    'check',
    'sweep',
    'config',
    'rollback',
    'completion',
  ] as const),
] as const;
