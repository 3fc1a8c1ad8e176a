/** The settings of a run: how the site is asked, what is expected of it, and what is done with the answers. */

/** What `warm` is told beside lists and the options of the tree. */
export interface WarmSettings {
  /** The site that is warmed: `http://127.0.0.1:3000`. @default that of the first URL */
  origin?: string;
  /** Another name of the site, for the Host header. @default that of the origin */
  host?: string;
  /**
   * A command that starts the application, run by the shell: `npm start`. It is told its port in `PORT`, waited for, and
   * ended with everything it started when the run is over. `origin` then only says what the site is called.
   */
  exec?: string;
  /** How many processes of `exec` are started, 1 to 64; they share the work. @default 1 */
  execCount?: number;
  /** Seconds until the application must answer, 0.1 to 3600. @default 60 */
  execTimeout?: number;
  /**
   * A module whose default export is the application: a request listener, an HTTP server, a fetch handler, an
   * application of Express, Koa or Fastify. It is asked in this process, without a socket.
   */
  app?: string;
  /** The path of the Unix socket that the site listens on. */
  socket?: string;
  /** A file with the certificates, in PEM, that are trusted beside nobody else's. @default those that Node trusts */
  ca?: string;
  /** A file with a certificate of our own, in PEM. Needs `key`. */
  cert?: string;
  /** The file of its key, in PEM. */
  key?: string;
  /** Take any certificate. Whoever is in between can then write into the tree. @default false */
  insecure?: boolean;
  /** Header fields of every request: `['X-Preview: 1']`. @default [] */
  header?: readonly string[];
  /** A file with such fields, one a line: out of sight of other users. */
  headerFile?: string;
  /** The name for `Authorization: Basic`; the password is in `passwordFile`, or in `PAGETREE_PASSWORD`. */
  user?: string;
  /** A file whose first line is the password of `user`. */
  passwordFile?: string;
  /**
   * A file with cookies: `name=value` a line, for every request; or what browsers and curl write (Netscape format), where each
   * cookie goes only to its domain and path, by https if it is for that alone, and until its end (RFC 6265, 5.4).
   */
  cookieFile?: string;

  /** The most requests that are open at once, 1 to 512; fewer, when the origin cannot do with so many. @default 32 */
  concurrency?: number;
  /** The most requests that begin in a second, 0.01 to 100,000. @default no limit */
  rate?: number;
  /** Seconds for which a connection rests after each response, 0 to 3600. @default 0 */
  delay?: number;
  /** Seconds that one whole response may take, 0.1 to 3600. @default 30 */
  timeout?: number;
  /** Seconds until a connection must be made. @default 10 */
  connectTimeout?: number;
  /** Seconds until the head of the response must be there. @default as `timeout` */
  firstByteTimeout?: number;
  /**
   * How often a page is asked for once more when its failure may pass, 0 to 20. `Retry-After` is kept to, up to 120 seconds;
   * a page that asks for more has failed, with the reason `retry-after`. @default 2
   */
  retries?: number;

  /** Ask for pages that are there as well; one that did not change is not touched. @default false */
  refresh?: boolean;
  /** Ask for pages that were stored longer ago than this: `12h`, `7d`. */
  olderThan?: string;
  /**
   * Ask for pages that changed, as their sitemap says, after the version in the tree was asked for. One that turns out to be the
   * same is not stored again, so that each run asks for it. @default false
   */
  lastmod?: boolean;
  /** Remove the pages that no source names any more, after a run that read all of them. @default false */
  prune?: boolean;
  /** With `prune` and `publish`: the largest share of the tree that may go. @default '10%' */
  maxShrink?: string;
  /** Store the page that a redirect points to, within the site. @default false */
  follow?: boolean;

  /** Texts that every HTML page must have. @default [] */
  mustContain?: readonly string[];
  /** Texts that no HTML page may have. @default [] */
  mustNotContain?: readonly string[];
  /** The least bytes of a page: `512`, `2k`. @default 1 */
  minSize?: string;
  /** How many URLs may be not stored: a number, or a share of all (`1%`). @default '0' */
  failOn?: string;
  /** How many pages of the sources must be in the tree in the end. @default 0 */
  minPages?: number;
  /** How long the run may take: `50m`. What is not done by then is left for the next run. */
  maxTime?: string;

  /**
   * Make a new tree beside the live one, and switch to it when it is good: as many pages as `failOn`, `minPages` and
   * `maxShrink` ask for, from sources that were all read. `cacheDir` is a symbolic link then, which is switched by one
   * rename; the trees are in `<cacheDir>.releases`. The new tree begins empty. @default false
   */
  publish?: boolean;
  /** With `publish`: how many older trees are kept for a rollback, 0 to 100. @default 1 */
  keep?: number;
  /** With `publish`: keep a tree that is not good enough, to look at it, until the next run. @default false */
  keepFailed?: boolean;
  /**
   * A server in front of the tree, `http://127.0.0.1:80`: after the run it is asked for every stored page, and must
   * answer with the same bytes and type. Without lists, `urls`, `robots` and `crawl` nothing else is done.
   */
  verify?: string;

  /** The file in which a run notes what it has done. @default one in `.pagetree/journal/`, a command */
  journal?: string;
  /** Begin anew, though an interrupted run could be gone on with. @default false */
  restart?: boolean;
}
