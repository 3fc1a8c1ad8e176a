/** The commands of `pagetree`, by name. */
import Cat from './cat.ts';
import Check from './check.ts';
import Completion from './completion.ts';
import Config from './config.ts';
import Ls from './ls.ts';
import type { commandNames } from './names.ts';
import Purge from './purge.ts';
import Rollback from './rollback.ts';
import Stats from './stats.ts';
import Sweep from './sweep.ts';
import Top from './top.ts';
import Verify from './verify.ts';
import Warm from './warm.ts';
import Why from './why.ts';

export const commands = {
  warm: Warm,
  purge: Purge,
  ls: Ls,
  why: Why,
  stats: Stats,
  top: Top,
  cat: Cat,
  verify: Verify,
  check: Check,
  sweep: Sweep,
  config: Config,
  rollback: Rollback,
  completion: Completion,
} satisfies Record<(typeof commandNames)[number], unknown>;
