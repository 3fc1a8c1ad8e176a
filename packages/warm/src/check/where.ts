/** Which setting a flaw is about, for each server. */
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

const byAspect: Partial<Record<Aspect, Settings>> = {
  type: {
    nginx:
      'types and default_type of the server and of the locations for prefixes, and charset off: the types name theirs',
    apache: 'AddType, ForceType, AddDefaultCharset and AddCharset, and mod_mime_magic must be off',
    caddy: 'header Content-Type of the files of the tree',
  },
  'cache-control': {
    nginx:
      'add_header Cache-Control $pagetree_cache_control: a block with an add_header of its own inherits none; no expires',
    apache: 'Header set Cache-Control, and ExpiresActive must be off',
    caddy: 'header Cache-Control of the files of the tree',
  },
  vary: {
    nginx: 'add_header Vary $pagetree_vary',
    apache: 'Header merge Vary Accept-Encoding',
    caddy: 'header +Vary Accept-Encoding',
  },
  validators: {
    nginx:
      'etag on, and nothing that takes Last-Modified away (ssi, sub_filter, gzip in place of gzip_static)',
    apache: 'FileETag and Header unset Last-Modified',
    caddy: 'header -Etag, header -Last-Modified, and the times of the files',
  },
  encoding: {
    nginx: 'gzip_static, brotli_static, and gzip_proxied any for clients behind a proxy',
    apache: 'the RewriteRules for .br and .gz, their AddEncoding, and SetEnv no-gzip',
    caddy: 'file_server precompressed br gzip',
  },
  range: {
    nginx: 'max_ranges, and gzip in place of gzip_static',
    apache: 'MaxRanges, and SetEnv no-gzip',
    caddy: 'encode in place of precompressed',
  },
  'set-cookie': {
    nginx: 'add_header Set-Cookie and userid: a page that everybody gets has no cookie',
    apache: 'Header set Set-Cookie and mod_usertrack: a page that everybody gets has no cookie',
    caddy: 'header Set-Cookie: a page that everybody gets has no cookie',
  },
  stale: {
    nginx: 'open_file_cache off, and no proxy_cache',
    apache: 'CacheEnable, MMapFile and EnableMMAP must be off for the tree',
    caddy: 'a cache handler in front of file_server',
  },
};

const byTopic: Readonly<Record<Topic, Settings>> = {
  pages: {
    nginx: 'root, and try_files $pagetree_file_1 $pagetree_file_2 ...',
    apache: 'DocumentRoot, and the RewriteRules that look for the page',
    caddy: 'root, and the file matcher (try_files)',
  },
  conflict: {
    nginx:
      'try_files and the maps $pagetree_file_1, $pagetree_file_2: the page first, then the page file of its folder',
    apache: 'the RewriteRule to %{REQUEST_URI}/__page.html, and DirectorySlash Off',
    caddy: 'try_files {path} {path}/__page.html',
  },
  private: {
    nginx: 'the application must have the middleware on this tree: nobody else serves .pagetree/private/',
    apache: 'the application must have the middleware on this tree: nobody else serves .pagetree/private/',
    caddy: 'the application must have the middleware on this tree: nobody else serves .pagetree/private/',
  },
  head: {
    nginx: 'map $pagetree_spelt: GET and HEAD are answered from the tree',
    apache: 'the RewriteCond %{REQUEST_METHOD}: GET and HEAD are answered from the tree',
    caddy: 'the matcher method GET HEAD',
  },
  coding: {
    nginx: 'gzip_static, brotli_static',
    apache: 'the RewriteRules for .br and .gz',
    caddy: 'file_server precompressed br gzip',
  },
  conditional: {
    nginx: 'etag on and if_modified_since exact',
    apache: 'FileETag, and the RequestHeader rules about If-None-Match',
    caddy: 'header Etag and request_header If-None-Match',
  },
  range: { nginx: 'max_ranges', apache: 'MaxRanges', caddy: 'the headers of the request that are changed' },
  query: {
    nginx:
      'map $pagetree_spelt: it looks at $request, for $args and $is_args do not see a ? with nothing behind it',
    apache:
      'the RewriteCond on %{THE_REQUEST} for a ?: %{QUERY_STRING} does not see one with nothing behind it',
    caddy:
      'the matcher for a ?: {query} does not see one with nothing behind it, {http.request.orig_uri} does',
  },
  cookie: {
    nginx: 'map $pagetree_cookies, and its place in $pagetree_asks',
    apache: 'the RewriteCond on %{HTTP:Cookie}',
    caddy: 'the matcher header Cookie',
  },
  authorization: {
    nginx: 'map $pagetree_plain: the headers that tell who somebody is, and its place in $pagetree_asks',
    apache: 'the RewriteCond on %{HTTP:Authorization} and on the other headers that tell who somebody is',
    caddy: 'the matcher of Authorization and of the other headers that tell who somebody is',
  },
  header: {
    nginx:
      'maps $pagetree_plain and $pagetree_bodiless: what makes applications answer something else, and their place in $pagetree_asks',
    apache: 'the RewriteCond on headers by which applications answer something else (%{HTTP:RSC}, ...)',
    caddy: 'the matcher of headers by which applications answer something else',
  },
  method: {
    nginx: 'map $pagetree_spelt: nothing but GET and HEAD is for the tree',
    apache: 'the RewriteCond %{REQUEST_METHOD}: nothing but GET and HEAD is for the tree',
    caddy: 'the matcher method GET HEAD: nothing else is for the tree',
  },
  spelling: {
    nginx:
      'merge_slashes off and map $pagetree_spelt: nginx decodes and folds $uri before it looks for a file',
    apache: 'MergeSlashes Off, AllowEncodedSlashes, and the RewriteCond on %{THE_REQUEST} for spellings',
    caddy: 'the matcher of {http.request.orig_uri} for spellings',
  },
  internal: {
    nginx:
      'maps $pagetree_spelt (hidden names) and $pagetree_named (page files, variants), and their place in $pagetree_asks',
    apache: 'the RewriteCond for .pagetree, hidden names, page files and variants',
    caddy: 'the matcher for .pagetree, hidden names, page files and variants',
  },
  link: {
    nginx: 'disable_symlinks on from=$document_root',
    apache: 'Options -FollowSymLinks -SymLinksIfOwnerMatch',
    caddy: 'file_server follows links: nobody but the site may write to the tree',
  },
  empty: {
    nginx: 'nothing: try_files takes an empty file for a page. Remove it: pagetree verify --fix',
    apache: 'RewriteCond -s in place of -f',
    caddy: 'nothing: the file matcher takes an empty file for a page. Remove it: pagetree verify --fix',
  },
  purge: {
    nginx: 'open_file_cache off, and no proxy_cache',
    apache: 'CacheEnable must be off for the tree',
    caddy: 'a cache handler in front of file_server',
  },
};

/** The settings to look at, for one server or, when it is not known, for all. */
export function whereToLook(topic: Topic, { aspect }: Flaw, kind: ServerKind | undefined): string[] {
  const settings = byAspect[aspect] ?? byTopic[topic];
  const servers = kind === undefined ? (['nginx', 'apache', 'caddy'] as const) : [kind];
  return servers.map((server) => `${labels[server]}: ${settings[server]}`);
}

const labels: Settings = { nginx: 'nginx', apache: 'Apache', caddy: 'Caddy' };
