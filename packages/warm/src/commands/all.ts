/** The commands of `pagetree`, by name. */
import Purge from './purge.ts';
import Warm from './warm.ts';

export const commands = { purge: Purge, warm: Warm };
