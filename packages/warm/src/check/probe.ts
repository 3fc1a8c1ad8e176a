/** Pages that only this run knows: whoever answers with one of them has it from the tree. */
import { randomBytes } from 'node:crypto';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { explain, type PageCache } from '@pagetree/core';
import { WarmError } from '../errors.ts';
import { printable } from '../report/printable.ts';

/** One page of this run. */
export interface ProbePage {
  readonly target: string;
  /** What only its body has. */
  readonly secret: string;
}

/** A page by what it is for. */
export type ProbeName =
  | 'page'
  | 'index'
  | 'folder'
  | 'below'
  | 'encoded'
  | 'css'
  | 'json'
  | 'unknown'
  | 'private';

/** How many times a page that somebody else stores at the moment is tried, and the wait between, in milliseconds. */
const TRIES = 100;
const WAIT = 20;
/** In milliseconds. */
const HOUR = 3_600_000;

/** The pages of one run, under a folder that nobody can guess. */
export class Probe {
  /** The path of the folder: `/pagetree-check-<chance>`. */
  readonly folder: string;
  readonly pages = new Map<ProbeName, ProbePage>();
  readonly #cache: PageCache;
  readonly #host: string;
  #stored = 0;

  private constructor(cache: PageCache, host: string, folder: string) {
    this.#cache = cache;
    this.#host = host;
    this.folder = folder;
  }

  /**
   * Chooses a folder that the rules let be cached.
   *
   * @param prefixes where it may be: the `cachePaths` of the configuration.
   * @throws {WarmError} when no page could be stored there, for example because of the host.
   */
  static async at(cache: PageCache, host: string, prefixes: readonly string[]): Promise<Probe> {
    const name = `pagetree-check-${randomBytes(12).toString('hex')}`;
    let reason: string | undefined;
    for (const prefix of prefixes) {
      const folder = `${prefix.replace(/\/$/, '')}/${name}`;
      const { bypass } = await cache.why({ method: 'GET', target: `${folder}/page`, headers: { host } });
      if (bypass === undefined || bypass === 'trailing-slash') return new Probe(cache, host, folder);
      if (bypass === 'host') throw wrongHost(host);
      reason = explain(bypass).what;
    }
    throw new WarmError('ERR_PAGETREE_USAGE', `No page for the questions can be stored: ${reason}`, {
      hint: 'Ask only for what is stored with --pages-only.',
    });
  }

  /** The target of a name in the folder, in the way of the layout. `undefined`: the layout has none. */
  async targetOf(name: string): Promise<string | undefined> {
    for (const target of [`${this.folder}/${name}`, `${this.folder}/${name}/`]) {
      if ((await this.#cache.why(target)).place !== undefined) return target;
    }
    return undefined;
  }

  /**
   * Stores a page and gives it back; another one than before when it was there.
   *
   * @param type another type than its name says: only the middleware serves it then.
   */
  async store(target: string, type?: string): Promise<ProbePage> {
    const secret = randomBytes(16).toString('hex');
    const contentType = type ?? (await this.#cache.why(target)).contentType;
    for (let tries = 1; ; tries += 1) {
      const request = { method: 'GET', target, headers: { host: this.#host } };
      const found = await this.#cache.lookup(request, { refresh: true });
      if (found.kind === 'hit') await found.page.close();
      if (found.kind === 'miss' && found.ticket !== undefined) {
        const headers = {
          'content-type': contentType ?? 'text/html; charset=utf-8',
          'last-modified': this.#anotherTime(),
        };
        const fill = found.ticket.begin({ status: 200, headers });
        fill?.write(Buffer.from(`<p>a page of pagetree check ${secret}</p>\n`.repeat(64)));
        const outcome = await (fill === undefined ? found.ticket.outcome : fill.commit());
        if (outcome.kind === 'stored') return { target, secret };
        if (outcome.reason !== 'fenced' || tries === TRIES) throw cannotStore(outcome.reason, outcome.error);
      } else if (found.kind !== 'miss' || found.reason !== 'busy' || tries === TRIES) {
        throw cannotStore(found.kind === 'hit' ? 'busy' : (found.reason ?? 'busy'));
      }
      await sleep(WAIT);
    }
  }

  /**
   * Stores all pages that the layout has a place for.
   *
   * @param withPrivate and one that only the middleware serves.
   */
  async storeAll(withPrivate: boolean): Promise<void> {
    const wanted: [ProbeName, string | undefined][] = [
      ['page', await this.targetOf('page')],
      [
        'index',
        (await this.#cache.why(`${this.folder}/`)).place === undefined ? undefined : `${this.folder}/`,
      ],
      ['folder', await this.targetOf('both')],
      ['below', await this.targetOf('both/below')],
      ['encoded', await this.targetOf('caf%C3%A9%20a+b')],
      ['css', await this.targetOf('style.css')],
      ['json', await this.targetOf('data.json')],
      ['unknown', await this.targetOf('name.of-no-kind')],
    ];
    for (const [name, target] of wanted) {
      if (target !== undefined) this.pages.set(name, await this.store(target));
    }
    const feed = withPrivate ? await this.targetOf('feed') : undefined;
    if (feed !== undefined) this.pages.set('private', await this.store(feed, 'application/atom+xml'));
  }

  /** Puts what is no page beside the pages: a hidden file, an empty one, and a link out of the pages. */
  async putOthers(): Promise<{ readonly secret: string }> {
    const secret = randomBytes(16).toString('hex');
    const { place } = await this.#cache.why(this.page('page').target);
    // The folder of the first page, also where a page is a folder itself.
    const inside = join(this.#cache.cacheDir, place!.slice(0, place!.indexOf('pagetree-check-')), this.#name);
    await mkdir(inside, { recursive: true });
    await writeFile(join(inside, '.hidden'), secret);
    await writeFile(join(inside, 'empty'), '');
    await symlink('.hidden', join(inside, 'link'));
    return { secret };
  }

  /** A time for a page, in the past: servers may keep that of a page to themselves that is of this very second. */
  #anotherTime(): string {
    this.#stored += 1;
    return new Date(Date.now() - HOUR + this.#stored * 1000).toUTCString();
  }

  page(name: ProbeName): ProbePage {
    return this.pages.get(name)!;
  }

  purge(target: string): Promise<unknown> {
    return this.#cache.purge({ path: target });
  }

  /** Takes everything away that this run put into the tree. */
  async clear(): Promise<void> {
    await this.#cache.purge({ path: this.folder, recursive: true });
  }

  get #name(): string {
    return this.folder.slice(this.folder.lastIndexOf('/') + 1);
  }
}

function wrongHost(host: string): WarmError {
  return new WarmError(
    'ERR_PAGETREE_OPTION',
    `The host ${printable(host)} is none of the hosts of the configuration, so that no page would ever be a hit.`,
    { hint: 'Name the site as its visitors do: --host example.org' },
  );
}

function cannotStore(reason: string, error?: Error): WarmError {
  const cause = error === undefined ? '' : ` (${printable(error.message)})`;
  return new WarmError(
    'ERR_PAGETREE_USAGE',
    `A page for the questions cannot be stored: ${reason}${cause}.`,
    {
      hint: 'Run it as the user that the site runs as, or ask only for what is stored with --pages-only.',
    },
  );
}
