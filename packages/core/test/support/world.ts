/**
 * The world that actors play in: caches of several processes over one tree in memory, pages that say which version they
 * are, and the ghosts that know when each version was rendered and which purges came after.
 */
import type { Page } from '../../src/contracts.ts';
import { Engine } from '../../src/engine.ts';
import { decodeMeta, fittingMeta } from '../../src/entry/meta.ts';
import type { CacheOptions } from '../../src/options.ts';
import type { PurgeScope } from '../../src/purge-steps.ts';
import { resolveOptions } from '../../src/resolve-options.ts';
import type { Io } from '../../src/store/io.ts';
import { manifestFrom } from '../../src/store/manifest.ts';
import { fillFolderOf, hashOf, treePaths } from '../../src/store/tree.ts';
import { MemoryFs } from '../store/memory-io.ts';
import { chance } from './chance.ts';
import { Actor, type Play } from './explore.ts';
import { steppedIo } from './stepped-io.ts';
import { bodyOf, readWhole, variantOf, type Whole } from './versions.ts';

const ROOT = '/t';
/** What an actor does things with. */
export interface Stage {
  readonly cache: Engine;
  /** Renders a page and stores it. Resolves with how that ended. */
  fill(
    key: string,
    version: string,
    how?: { refresh?: boolean; tag?: string; late?: boolean },
  ): Promise<string>;
  /** The file calls of this actor. */
  readonly io: Io;
  /** Removes pages; from then on no version that was begun before may be seen. */
  purge(scope: PurgeScope, covers: (page: Whole) => boolean): Promise<void>;
  /** The same with steps of one's own. */
  purgeBy(act: () => Promise<void>, covers: (page: Whole) => boolean): Promise<void>;
  /** Reads a page as the middleware does: head, then a variant, then the bytes of both. */
  read(key: string): Promise<string | undefined>;
  /** Kills another actor where it stands. */
  kill(name: string): Promise<void>;
  /** Lets more time pass than any fill may take. */
  wait(): Promise<void>;
  /** Something that only happens in the proof. */
  step(label: string): Promise<void>;
}

export interface Scenario {
  readonly options?: Partial<CacheOptions>;
  /** Brings the tree into the state that the actors find. */
  readonly before?: (stage: Stage, fs: MemoryFs) => Promise<void>;
  readonly actors: Readonly<Record<string, (stage: Stage) => Promise<void>>>;
  /** Puts something between an actor and its file calls: a mutation that the proof must find. */
  readonly mutate?: (io: Io, name: string) => Io;
  /** Leave the judgement of leftovers out: for mutations that concern readers. */
  readonly tidy?: boolean;
}

/** The ghosts. */
class Ghosts {
  /** Versions whose render began, with their tags. */
  readonly begun = new Map<string, Whole & { tag: string | undefined }>();
  /** Versions that a finished purge covers. */
  readonly forbidden = new Set<string>();
  /** What the purges cover that are under way. */
  readonly purging = new Set<readonly string[]>();

  covers(id: string): boolean {
    return this.forbidden.has(id) || [...this.purging].some((covered) => covered.includes(id));
  }

  clone(): Ghosts {
    const copy = new Ghosts();
    for (const [id, page] of this.begun) copy.begun.set(id, page);
    for (const id of this.forbidden) copy.forbidden.add(id);
    return copy;
  }
}

const idOf = ({ key, version }: Whole): string => `${key} ${version}`;

function cacheOver(fs: MemoryFs, io: Io, options: Partial<CacheOptions>): Engine {
  const resolved = resolveOptions({
    cacheDir: ROOT,
    io: 'direct',
    coalesce: false,
    variants: ['gzip'],
    ...options,
  });
  const tree = {
    ...treePaths(ROOT),
    manifest: manifestFrom(resolved.tree),
    secret: undefined,
    readOnly: false,
    masked: false,
    folds: false,
  };
  return new Engine({
    options: resolved,
    tree,
    io,
    permissionIo: io,
    look: undefined,
    wall: () => fs.clock,
    monotonic: () => 0,
    emit: () => {},
  });
}

function stageFor(
  fs: MemoryFs,
  ghosts: Ghosts,
  actor: Actor | undefined,
  scenario: Scenario,
  kill: (name: string) => void = () => {},
): Stage {
  const plain = actor ? steppedIo(fs, actor) : fs;
  const io = actor && scenario.mutate ? scenario.mutate(plain, actor.name) : plain;
  const cache = cacheOver(fs, io, scenario.options ?? {});
  const step = async (label: string, act: () => unknown = () => {}): Promise<void> => {
    if (actor) await actor.step(label, act);
    else act();
  };
  return {
    cache,
    step,
    kill: (name) => step(`kills ${name}`, () => kill(name)),
    wait: () => step('waits', () => (fs.clock += 3_600_000)),
    io,
    async fill(key, version, { refresh = false, tag, late = false } = {}) {
      const render = (): Promise<void> =>
        step(`render ${key} ${version}`, () => ghosts.begun.set(`${key} ${version}`, { key, version, tag }));
      if (late) await render();
      const found = await cache.lookup({ method: 'GET', target: key, headers: {} }, { refresh });
      if (found.kind === 'hit') {
        await found.page.close();
        return 'hit';
      }
      if (found.kind !== 'miss' || !found.ticket) return `no ticket: ${found.reason}`;
      if (!late) await render();
      const fill = found.ticket.begin({
        status: 200,
        headers: {
          'content-type': 'text/html; charset=utf-8',
          'content-language': version,
          ...(tag === undefined ? {} : { 'cache-tag': tag }),
        },
      });
      fill?.write(bodyOf(key, version));
      await fill?.commit();
      const outcome = await found.ticket.outcome;
      // The disk is sound: what others do meanwhile is no fault of it.
      if (outcome.kind === 'refused' && outcome.reason === 'disk-error') throw outcome.error;
      return outcome.kind === 'stored' ? 'stored' : `${outcome.reason} ${outcome.detail ?? ''}`;
    },
    purge(scope, covers) {
      const isTagged = (page: Whole): boolean =>
        !('tag' in scope) || ghosts.begun.get(idOf(page))?.tag === scope.tag;
      return this.purgeBy(
        async () => void (await cache.purge(scope)),
        (page) => covers(page) && isTagged(page),
      );
    },
    async purgeBy(act, covers) {
      let covered: string[] = [];
      await step('purge is called', () => {
        covered = [...ghosts.begun.values()].filter(covers).map(idOf);
        ghosts.purging.add(covered);
      });
      await act();
      ghosts.purging.delete(covered);
      for (const id of covered) ghosts.forbidden.add(id);
    },
    async read(key) {
      let stale = new Set<string>();
      await step('reads', () => {
        stale = new Set(ghosts.forbidden);
      });
      const found = await cache.lookup({ method: 'GET', target: key, headers: {} });
      if (found.kind === 'miss') {
        found.ticket?.abandon('unfinished');
        await found.ticket?.outcome;
      }
      return found.kind === 'hit' ? readPage(found.page, stale) : undefined;
    },
  };
}

async function readPage(page: Page, stale: ReadonlySet<string>): Promise<string> {
  const variant = page.codings.includes('gzip') ? await page.body('gzip') : undefined;
  const small = await variant?.bytes();
  const body = await page.body();
  const bytes = await body!.bytes();
  await page.close();
  const whole = readWhole(bytes);
  if (!whole || whole.key !== page.key)
    throw new Error(`a torn or foreign body: ${bytes.toString('latin1', 0, 40)}`);
  if (stale.has(idOf(whole))) throw new Error(`${idOf(whole)} was read after a purge`);
  if (small && !small.equals(variantOf(bytes))) throw new Error(`${small} was read for ${idOf(whole)}`);
  const language = page.headers.find(([name]) => name === 'content-language')?.[1];
  if (language !== whole.version)
    throw new Error(`the header of ${language} was read with the body of ${whole.version}`);
  return whole.version;
}

/** What is wrong with the tree as it is, as a web server beside us sees it. */
function faultIn(fs: MemoryFs, ghosts: Ghosts): string | undefined {
  const files = new Map([...fs.lines(ROOT)].map((line) => [line.path, line]));
  for (const [path, { kind, bytes, mtimeMs }] of files) {
    if (path.startsWith('.pagetree') || kind === 'folder') continue;
    if (path.endsWith('.gz')) {
      const body = files.get(path.slice(0, -3));
      if (body?.kind !== 'file') {
        // A newer page, that lost its body to a purge on its way: its fill or that purge takes this too in a moment.
        const hash = hashOf(`/${path.slice(0, -3)}`);
        const isFilled = [...files.keys()].some((name) =>
          name.startsWith(`.pagetree/fills/${hash[0]}/${hash}.`),
        );
        // An older one whose permission to move was taken: whoever moves it removes this next.
        const isMoving = [...files.keys()].some((name) => name.endsWith('.page'));
        if (isMoving) continue;
        if ((isFilled || ghosts.purging.size > 0) && !ghosts.covers(String(bytes).slice('small '.length)))
          continue;
        return `a variant without its body: ${path}`;
      }
      if (!bytes.equals(variantOf(body.bytes))) return `a variant of another version: ${path} is ${bytes}`;
      continue;
    }
    const whole = readWhole(bytes);
    if (!whole) return `a torn body: ${path}`;
    if (whole.key !== `/${path.replace(/\/__page\.html$/, '').replace(/__index\.html$/, '')}`)
      return `a foreign page: ${path} holds ${idOf(whole)}`;
    if (ghosts.forbidden.has(idOf(whole))) return `${path} holds ${idOf(whole)}, which was purged`;
    const meta = files.get(`.pagetree/meta/${path}.pagetree`);
    if (meta === undefined) continue;
    const fitting = fittingMeta(decodeMeta(String(meta.bytes)), whole.key, { size: bytes.length, mtimeMs });
    if (fitting && fitting.headers[0]?.[1] !== whole.version) return `meta of another version fits ${path}`;
  }
  return undefined;
}

/** What nobody may leave who was not killed: a page without its meta, and meta and variants without their page. */
function lossIn(fs: MemoryFs): string | undefined {
  const files = new Map([...fs.lines(ROOT)].map((line) => [line.path, line]));
  for (const [path, { kind, bytes, mtimeMs }] of files) {
    if (kind === 'folder') continue;
    const body = /^\.pagetree\/meta\/(.*)\.pagetree$/.exec(path)?.[1];
    if (body !== undefined && files.get(body)?.kind !== 'file') return `meta without its page: ${path}`;
    if (path.startsWith('.pagetree')) continue;
    if (path.endsWith('.gz')) {
      if (files.get(path.slice(0, -3))?.kind !== 'file') return `a variant without its page: ${path}`;
      continue;
    }
    const meta = files.get(`.pagetree/meta/${path}.pagetree`);
    const said = meta && decodeMeta(String(meta.bytes));
    const key = readWhole(bytes)?.key;
    if (key === undefined || !fittingMeta(said, key, { size: bytes.length, mtimeMs }))
      return `a page without its meta: ${path}`;
  }
  return undefined;
}

/** Lets every process die, waits, sweeps, and looks whether anything is left behind. */
async function faultAfterSweep(
  fs: MemoryFs,
  ghosts: Ghosts,
  scenario: Scenario,
): Promise<string | undefined> {
  const copy = fs.clone();
  copy.clock += 3_600_000;
  const { dead } = chance;
  chance.dead = (pid) => pid !== chance.pid;
  try {
    return await sweepAndJudge(copy, ghosts, scenario);
  } finally {
    chance.dead = dead;
  }
}

async function sweepAndJudge(
  copy: MemoryFs,
  ghosts: Ghosts,
  scenario: Scenario,
): Promise<string | undefined> {
  const { cache } = stageFor(copy, ghosts, undefined, scenario);
  await cache.sweep();
  const calm = ghosts.clone();
  const fault = faultIn(copy, calm);
  // A purge that was killed half-way promises nothing.
  const loss = fault ?? (ghosts.purging.size === 0 ? lossIn(copy) : undefined);
  if (loss !== undefined) return `after sweep: ${loss}`;
  for (const { path, kind } of copy.lines(ROOT)) {
    if (/^\.pagetree\/(fills|trash|purges)\/./.test(path)) return `left after sweep: ${path}`;
    if (kind === 'folder' && !path.startsWith('.pagetree') && copy.names(`${ROOT}/${path}`).length === 0)
      return `an empty folder after sweep: ${path}`;
  }
  for await (const { fault, path } of cache.verify()) return `after sweep verify finds ${fault}: ${path}`;
  return undefined;
}

/** The scenario, ready to be explored. */
export function playOf(scenario: Scenario): () => Promise<Play> {
  let snapshot: { fs: MemoryFs; ghosts: Ghosts } | undefined;
  return async () => {
    snapshot ??= await prepare(scenario);
    const fs = snapshot.fs.clone();
    const ghosts = snapshot.ghosts.clone();
    const all = new Map<string, Actor>();
    const actors = Object.entries(scenario.actors).map(([name, act], index) => {
      const actor = new Actor(name, index + 1);
      all.set(name, actor);
      return {
        actor,
        async run() {
          // The first step, so that nothing happens before the scheduler says so.
          const stage = stageFor(fs, ghosts, actor, scenario, (other) => {
            all.get(other)!.dead = !all.get(other)!.done;
          });
          await actor.step('begins', () => {});
          await act(stage);
        },
      };
    });
    return {
      fs,
      actors,
      isDead: (pid) => [...all.values()].some((actor) => actor.pid === pid && actor.dead),
      ghosts: () =>
        `${fs.clock}|${[...ghosts.begun.keys()].sort()}|${[...ghosts.forbidden].sort()}|${[...ghosts.purging].map(String).sort()}`,
      judge: async () =>
        faultIn(fs, ghosts) ??
        (scenario.tidy === false ? undefined : await faultAfterSweep(fs, ghosts, scenario)),
      judgeEnd: () =>
        (scenario.tidy === false || [...all.values()].some(({ dead }) => dead) ? undefined : lossIn(fs)) ??
        (fs.openFiles > 0 && ![...all.values()].some(({ dead }) => dead)
          ? `${fs.openFiles} files are still open`
          : undefined),
    };
  };
}

async function prepare(scenario: Scenario): Promise<{ fs: MemoryFs; ghosts: Ghosts }> {
  const fs = new MemoryFs();
  const ghosts = new Ghosts();
  fs.mkdir(ROOT, 0o755);
  const { internal, meta, fills, trash, tags } = treePaths(ROOT);
  const ofK = fillFolderOf(treePaths(ROOT), hashOf('/k'));
  for (const folder of [internal, meta, fills, trash, tags, ofK]) fs.mkdir(folder, 0o755);
  await scenario.before?.(stageFor(fs, ghosts, undefined, scenario), fs);
  return { fs, ghosts };
}
