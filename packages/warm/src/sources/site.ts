import { WarmError } from '../errors.ts';
import type { Origin } from '../plan/origin.ts';
import { BadStatus, download, type Network, type SourceClient } from './remote.ts';
import { type Robots, robotsBytes, takeRobots } from './robots.ts';

/** How the one site is known and asked. */
export interface SiteOptions {
  readonly origin: Origin | undefined;
  readonly host?: string | undefined;
  readonly connect: (origin: Origin) => SourceClient;
}

/** The one site that sources are about and may be fetched from. */
export class Site {
  /** `undefined` while nothing said which site it is. */
  origin: Origin | undefined;
  readonly #options: SiteOptions;
  #client: SourceClient | undefined;
  #robots: Promise<Robots> | undefined;

  constructor(options: SiteOptions) {
    this.#options = options;
    this.origin = options.origin;
  }

  /** The site, which `first` names when nothing did before. */
  network(first: Origin): Network {
    this.origin ??= first;
    const origin: Origin = { ...this.origin, alias: this.#options.host };
    this.#client ??= this.#options.connect(origin);
    return { origin, client: this.#client };
  }

  /** @throws {WarmError} when nothing said which site it is. */
  known(): Origin {
    if (this.origin !== undefined) return this.origin;
    throw new WarmError(
      'ERR_PAGETREE_USAGE',
      'Nothing says which site it is, so its robots.txt cannot be read.',
      {
        hint: 'Add --origin with the address of the site, for example --origin http://127.0.0.1:3000',
      },
    );
  }

  /**
   * The robots.txt of the site; empty when it has none (RFC 9309, 2.3.1.3).
   *
   * @throws {WarmError} when the site cannot say: then nothing may be followed (RFC 9309, 2.3.1.4).
   */
  robots(signal: AbortSignal): Promise<Robots> {
    this.#robots ??= this.#readRobots(signal);
    return this.#robots;
  }

  async #readRobots(signal: AbortSignal): Promise<Robots> {
    const url = `${this.known().href}/robots.txt`;
    try {
      const { file } = await download(url, this.network(this.known()), signal);
      try {
        let bytes = Buffer.alloc(0);
        for (const block of file.read()) {
          bytes = Buffer.concat([bytes, block]);
          if (bytes.length > robotsBytes) break;
        }
        return takeRobots(bytes);
      } finally {
        file.close();
      }
    } catch (error) {
      if (error instanceof BadStatus && error.status < 500 && error.status !== 429) {
        return { text: '', cut: false };
      }
      if (!(error instanceof WarmError) || error.code !== 'ERR_PAGETREE_LIST') throw error;
      throw new WarmError('ERR_PAGETREE_LIST', `${url} cannot be read: ${error.message}.`, {
        hint: 'Until it can be, nobody knows what may be followed (RFC 9309, 2.3.1.4). --ignore-robots follows links all the same.',
        cause: error,
      });
    }
  }
}
