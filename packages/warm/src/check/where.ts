/**
 * Which setting a flaw is about, for each server. The names are those in the configurations that `pagetree config` prints; one that was
 * written by hand has its own.
 */
import type { Topic } from './cases.ts';
import type { Aspect, Flaw } from './compare.ts';

/** A web server that Pagetree makes a configuration for. */
export type ServerKind = 'nginx' | 'apache' | 'caddy';

/** Which server it is, as it says itself. One that is silent, or behind another one, is not known. */
export function serverKind(field: string | undefined): ServerKind | undefined {
  const name = /^(nginx|openresty|apache|caddy)\b/i.exec(field ?? '')?.[1]?.toLowerCase();
  return name === 'openresty' ? 'nginx' : (name as ServerKind | undefined);
}

type Settings = Readonly<Record<ServerKind, string>>;

const neitherKept: Settings = {
  nginx: 'open_file_cache off, and no proxy_cache',
  apache: 'EnableMMAP Off, and no CacheEnable',
  caddy: 'a cache handler in front of file_server',
};

const middlewareOnly =
  'the application must have the middleware on this tree: nobody else serves .pagetree/private/';

const byAspect: Partial<Record<Aspect, Settings>> = {
  type: {
    nginx:
      'types and default_type of the server and of the locations for prefixes, and charset off: the types name theirs',
    apache: 'the RewriteRules that set PAGETREE_TYPE, and T=%{ENV:PAGETREE_TYPE} in those that answer',
    caddy: 'the maps {pagetree_named} and {pagetree_type}, and header Content-Type',
  },
  'cache-control': {
    nginx: 'add_header Cache-Control: a block with an add_header of its own inherits none; no expires',
    apache: 'Header set Cache-Control, and ExpiresActive must be off',
    caddy: 'the map {pagetree_cache_control}, and header Cache-Control',
  },
  vary: {
    nginx: 'add_header Vary $pagetree_vary',
    apache: 'Header set Vary Accept-Encoding env=PAGETREE_VARY',
    caddy: 'the maps {pagetree_varied} and {pagetree_vary}, and header @pagetree_varies',
  },
  validators: {
    nginx: 'etag on, and nothing that takes Last-Modified away (ssi, sub_filter, gzip)',
    apache: 'FileETag, and no Header unset Last-Modified but for pages of this very second',
    caddy: 'header -Etag, header -Last-Modified, and the times of the files',
  },
  encoding: {
    nginx: 'maps $pagetree_first, $pagetree_second and $pagetree_coding, and gzip off',
    apache: 'the RewriteRules for .br and .gz, Header set Content-Encoding, and RemoveEncoding',
    caddy: 'precompressed of file_server, and no encode',
  },
  range: {
    nginx: 'max_ranges, and gzip off',
    apache: 'MaxRanges, and E=no-gzip:1',
    caddy: 'encode in place of precompressed',
  },
  'set-cookie': {
    nginx: 'add_header Set-Cookie and userid: a page that everybody gets has no cookie',
    apache: 'Header set Set-Cookie and mod_usertrack: a page that everybody gets has no cookie',
    caddy: 'header Set-Cookie: a page that everybody gets has no cookie',
  },
  stale: neitherKept,
};

const byTopic: Readonly<Record<Topic, Settings>> = {
  pages: {
    nginx: 'map $pagetree_file, and alias $pagetree_page$pagetree_ending',
    apache: 'DocumentRoot, and the RewriteRules that set PAGETREE_FILE',
    caddy: 'root, and the matchers @pagetree_1, @pagetree_2, ...',
  },
  conflict: {
    nginx:
      'if (!-f $pagetree_page) and map $pagetree_file_in_folder: the page first, then the page file of its folder',
    apache: 'the RewriteConds for the page file of a folder, DirectoryIndex disabled and DirectorySlash Off',
    caddy: 'the matcher for the page file of a folder, and disable_canonical_uris',
  },
  private: { nginx: middlewareOnly, apache: middlewareOnly, caddy: middlewareOnly },
  head: {
    nginx: 'map $pagetree_spelt: GET and HEAD are answered from the tree',
    apache: 'the RewriteCond on %{THE_REQUEST}: GET and HEAD are answered from the tree',
    caddy: 'method GET HEAD in @pagetree',
  },
  coding: {
    nginx: 'maps $pagetree_first and $pagetree_second: br before gzip',
    apache: 'the RewriteRules for .br and .gz',
    caddy: 'precompressed of file_server',
  },
  conditional: {
    nginx: 'etag on and if_modified_since exact',
    apache: 'FileETag None: who has a tag asks the application',
    caddy: 'the conditions on If-None-Match and If-Match in @pagetree',
  },
  range: {
    nginx: 'max_ranges',
    apache: 'MaxRanges',
    caddy: 'the conditions on Range and If-Range in @pagetree',
  },
  query: {
    nginx:
      'map $pagetree_spelt: it looks at $request, for $args and $is_args do not see a ? with nothing behind it',
    apache: 'the RewriteCond on %{THE_REQUEST}: %{QUERY_STRING} does not see a ? with nothing behind it',
    caddy:
      'the condition on {http.request.orig_uri} in @pagetree: {query} does not see a ? with nothing behind it',
  },
  cookie: {
    nginx: 'map $pagetree_cookies, and its place in $pagetree_form and $pagetree_seldom',
    apache: 'the RewriteCond on %{HTTP:cookie}',
    caddy: 'the condition on {http.request.header.Cookie} in @pagetree',
  },
  authorization: {
    nginx: 'map $pagetree_plain: the headers that tell who somebody is, and its place in $pagetree_form',
    apache: 'the RewriteCond on %{HTTP:authorization} and the other headers that tell who somebody is',
    caddy: 'header !Authorization in @pagetree, and the other headers that tell who somebody is',
  },
  header: {
    nginx:
      'map $pagetree_plain: what makes applications answer something else, and its place in $pagetree_form and $pagetree_seldom',
    apache:
      'the RewriteConds on headers that make applications answer something else (%{HTTP:rsc}, ...) and on %{HTTP:content-length}',
    caddy: 'header !Rsc and its kind in @pagetree: what makes applications answer something else',
  },
  method: {
    nginx: 'map $pagetree_spelt: nothing but GET and HEAD is for the tree',
    apache: 'the RewriteCond on %{THE_REQUEST}: nothing but GET and HEAD is for the tree',
    caddy: 'method GET HEAD in @pagetree: nothing else is for the tree',
  },
  spelling: {
    nginx:
      'merge_slashes off and map $pagetree_spelt: nginx decodes and folds $uri before it looks for a file',
    apache:
      'MergeSlashes Off, AllowEncodedSlashes NoDecode, and the RewriteCond on %{THE_REQUEST}: %{REQUEST_URI} is decoded',
    caddy: 'the condition on {http.request.orig_uri} in @pagetree: {path} is decoded',
  },
  internal: {
    nginx:
      'maps $pagetree_spelt (hidden names) and $pagetree_named (page files, variants), and their place in $pagetree_seldom',
    apache:
      'the RewriteConds on %{THE_REQUEST} (hidden names) and %{ENV:PAGETREE_PATH} (page files, variants)',
    caddy: 'both conditions on {http.request.orig_uri} in @pagetree: hidden names, page files, variants',
  },
  link: {
    nginx: 'disable_symlinks on, in the locations with alias',
    apache: 'Options None for the folder of the tree',
    caddy: 'file_server follows links: nobody but the site may write to the tree',
  },
  empty: {
    nginx: 'nothing: if (-f) takes an empty file for a page. Remove it: pagetree verify --fix',
    apache: 'RewriteCond -s in place of -f',
    caddy: 'the second condition of @pagetree_1, @pagetree_2, ...',
  },
  purge: neitherKept,
};

/** All that may be named for one server. */
export function settingsOf(server: ServerKind): string[] {
  return [...Object.values(byAspect), ...Object.values(byTopic)].map((settings) => settings[server]);
}

/** The settings to look at, for one server or, when it is not known, for all. */
export function whereToLook(topic: Topic, { aspect }: Flaw, kind: ServerKind | undefined): string[] {
  const settings = byAspect[aspect] ?? byTopic[topic];
  const servers = kind === undefined ? (['nginx', 'apache', 'caddy'] as const) : [kind];
  return servers.map((server) => `${labels[server]}: ${settings[server]}`);
}

const labels: Settings = { nginx: 'nginx', apache: 'Apache', caddy: 'Caddy' };
