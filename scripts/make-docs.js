/**
 * Makes docs/commands.md, docs/reasons.md, docs/errors.md and docs/types.md from the tables in the code.
 * With --check it writes nothing, and fails when a committed page differs.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { argv, exit } from 'node:process';
import { replayableNames } from '../packages/core/dist/entry/headers.js';
import { errorTable } from '../packages/core/dist/errors.js';
import { ignorableCookies } from '../packages/core/dist/policy/cookies.js';
import { extensionTypes } from '../packages/core/dist/policy/extension-types.js';
import { reasons } from '../packages/core/dist/policy/reasons.js';
import {
  credentialHeaders,
  forwardedHostHeaders,
  forwardedSchemeHeaders,
  routingHeaderPrefixes,
  routingHeaders,
} from '../packages/core/dist/policy/routing-headers.js';
import { placeType } from '../packages/core/dist/policy/types.js';
import { errorTable as warmErrorTable } from '../packages/warm/dist/errors.js';
import { warmReasons } from '../packages/warm/dist/reasons.js';
import { commandsPage } from './commands-page.js';

const note = '<!-- Made by `pnpm run docs` from the tables in packages/*/src. Do not edit. -->';

const cell = (text) => text.replaceAll('|', '\\|');
const code = (text) => `\`${text}\``;
const codes = (names) => [...names].map(code).join(', ');

function table(head, rows) {
  const line = (cells) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function reasonTable(kind) {
  const rows = reasons
    .filter((reason) => reason.kind === kind)
    .map(({ name, what, fix, source }) => [code(name), what, fix, source ?? '']);
  return table(['reason', 'what was found', 'what you can do', 'see'], rows);
}

function reasonsPage() {
  return `${note}

# Why a page is not cached

Pagetree never leaves you guessing. Every response says in its \`Cache-Status\` header what the cache did, and when it
did nothing, why: with one of the names on this page. Events and the reports of cache-warm use the same names.

A request that **bypasses** the cache is answered by the application as if there were no cache. A response that is
**refused** reaches its client unchanged; it is only not stored. Neither is an error, and a rule that is unsure says no:
a page that is rendered once more costs a little time, a page that reaches the wrong person cannot be taken back.

## The request bypasses the cache

${reasonTable('bypass')}

### Headers of proxies

A proxy in front of your application tells it how the client came. Applications put that into links, and a client that
can reach the application can send the same headers. So:

- ${codes(forwardedHostHeaders)} and the \`host\` of \`Forwarded\` must name the same host as \`Host\`, or, with the
  option \`hosts\`, names that are listed there. If your proxy changes \`Host\` (Apache does unless
  \`ProxyPreserveHost On\`), list both names. A port is part of a name.
- ${codes(forwardedSchemeHeaders)} and the \`proto\` of \`Forwarded\` may say \`http\` or \`https\`, and
  \`x-forwarded-port\` may say 80, 443 or the port of a host that passed. Any other value is a \`routing-header\`.
- Headers that tell the client's address change no page, and are not looked at.

Let your proxy overwrite these headers, not pass them on.

### Headers that ask for something else

\`routing-header\` means one of ${codes(routingHeaders)}, or a name that begins with ${codes(routingHeaderPrefixes)}.

\`authorization\` means one of ${codes(credentialHeaders)}.

It also means that Node itself ends TLS, asks for certificates (\`requestCert\`), and the client has shown one. A proxy that shows
its own on every connection (\`proxy_ssl_certificate\` of nginx) so keeps all pages out: let it connect to such a server without
one. Node takes a client that resumes a session of TLS 1.3 for one that has shown a certificate (\`socket.authorized\`), and so
does the cache.

### Cookies that do not matter

Requests whose cookies are all on this list, or in \`ignoreCookies\`, use the cache. They belong to scripts in the browser
and to proxies; a \`*\` stands for any rest. If your application does render another page for one of them, give that page
a \`Cache-Control: private\`.

${codes(ignorableCookies)}

## The response is refused

${reasonTable('refused')}

## The URL could not be fetched

The reports of cache-warm know these reasons as well:

${table(
  ['reason', 'what was found', 'what you can do'],
  warmReasons.map(({ name, what, fix }) => [code(name), what, fix]),
)}

### What \`Cache-Control\` means here

\`no-store\`, \`private\` and \`no-cache\` refuse, in any form, and so does a field that cannot be read. The same
directives in \`Surrogate-Control\` or \`CDN-Cache-Control\` refuse as well, and so does \`Pragma: no-cache\`.
\`max-age=0\`, \`s-maxage=0\`, \`must-revalidate\` and \`Expires\` do not: they say when a page goes stale, and here
a page stays until it is purged. Browsers still get the \`Cache-Control\` that the application sent.

### What the hook sees

\`shouldStore\` is asked last, about responses that all other rules let pass. It must return \`true\` or \`false\` at once; a
promise counts as a failure, and a failure refuses.
`;
}

function errorsPage() {
  const row = ([name, { title, fix }]) => [code(name), title, fix];
  const rows = Object.entries(errorTable).map(row);
  const warmRows = Object.entries(warmErrorTable)
    .filter(([name]) => !(name in errorTable))
    .map(row);
  return `${note}

# Errors

Only what a person did wrong is an error: a wrong option, a folder that cannot be used. Each is a \`PagetreeError\` with a
\`code\` from this table, a \`message\` of one sentence, a \`hint\` that says what to do, and a \`cause\` where the system
said something. What happens in normal life, such as a miss or a busy page, is a value with a
[reason](reasons.md). While requests are served nothing throws, and a failing disk is an event.

${table(['code', 'what happened', 'what to do'], rows)}

The commands, and \`warm()\`, know some more. They are a \`WarmError\`, of the same shape, so that a command
can say what is wrong before it has loaded the cache:

${table(['code', 'what happened', 'what to do'], warmRows)}
`;
}

function typesPage() {
  const byType = new Map();
  for (const [extension, mediaType] of extensionTypes) {
    const { full } = placeType(mediaType);
    byType.set(full, [...(byType.get(full) ?? []), `.${extension}`]);
  }
  const rows = [...byType]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([full, names]) => [code(full), codes(names)]);
  return `${note}

# The type of a page

A file has no \`Content-Type\`. So that Node, nginx, Apache and Caddy all say the same about a page, its type comes from
its name alone:

1. the longest path prefix in \`types\` that covers it (\`{"/feed": "application/rss+xml"}\`: whole segments are compared),
2. else the extension of its file: what follows the last dot of the name. \`types\` can add some
   (\`{".webfont": "font/woff2"}\`); the others are in the table below,
3. else \`contentType\`, by default \`text/html\`. That is for names without an extension and with an unknown one.

The names of index pages have extensions, too. With \`contentType: 'application/json'\` the page of \`/users/\` is still the
file \`users/__index.html\`, and its type \`text/html\`: for such a site set \`types: {"/": "application/json"}\`,
or \`directoryIndex: '__index'\`.

A response that says the same type is stored where a front-end server finds it. One of another type, or in another charset than UTF-8, is
private: it is kept below \`.pagetree/private/\`, where only the middleware serves it, with the type that it said. A client that
would rather have the type of the name is not answered with it (\`accept\`), and what a client preferred to that type is not stored
(\`type-mismatch\`): an application that chooses by \`Accept\` and forgets to say so in \`Vary\` would give it to everybody. With
\`privatePages: false\`, as in cache-warm, such responses are refused as \`type-mismatch\` or \`charset\`. Names that mean the same by
their registration count as the same: \`application/javascript\` is \`text/javascript\` (RFC 9239), \`text/xml\` is
\`application/xml\` (RFC 7303), \`text/yaml\` is \`application/yaml\` (RFC 9512), \`application/font-woff\` is
\`font/woff\` (RFC 8081), \`image/x-icon\` is \`image/vnd.microsoft.icon\`. Parameters other than \`charset\` are not kept.

Public text is UTF-8. Text that declares no charset, or US-ASCII, is stored only if its bytes are UTF-8.

## Headers of a page

A hit from Node replays these headers of the response, at most 64 of them and 16 KiB in all:

${codes(replayableNames)}

\`access-control-allow-origin\` is replayed only when it is \`*\`. All other headers are not kept: they belong to one message,
to one client, or to the server. A front-end server that reads the tree itself replays none; set there what all pages need.
In a tree with \`fidelity: 'strict'\` pages that have any of them, or a \`Cache-Control\` that is not a rule of the tree, are private.
In a loose one \`pagetree why\` tells what a page loses.

A \`content-security-policy\` with a nonce is stored together with the page that has the same nonce in it. The page works, but
the nonce is the same for everyone and so protects nobody: use hashes for pages that are cached.

## The table

${table(['type', 'extensions'], rows)}
`;
}

const pages = {
  'commands.md': commandsPage(note),
  'reasons.md': reasonsPage(),
  'errors.md': errorsPage(),
  'types.md': typesPage(),
};
const check = argv.includes('--check');
let stale = 0;
for (const [name, text] of Object.entries(pages)) {
  const file = new URL(`../docs/${name}`, import.meta.url);
  if (!check) {
    await writeFile(file, text);
  } else if ((await readFile(file, 'utf8').catch(() => '')) !== text) {
    console.error(`docs/${name} differs from the code: run \`pnpm run docs\` and commit it.`);
    stale += 1;
  }
}
exit(stale > 0 ? 1 : 0);
