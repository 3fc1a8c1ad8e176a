/** The configuration of Apache (2.4.47 or later) for a tree: a virtual host, as `/etc/apache2/sites-available/` has them. Pure. */
import { fieldForApache, quotedForApache as quoted } from './apache-quote.ts';
import { addressOf, codings, MISSING, rulesText } from './apache-rules.ts';
import type { Model } from './model.ts';
import { atOrBelow } from './spelling.ts';
import { comment, header, indented } from './writing.ts';

/** Writes the configuration. */
export function apacheConfig(model: Model): string {
  const { upstream, listen, serverNames, root } = model;
  const [name, ...aliases] = serverNames;
  const address = listen === undefined ? '*:80' : /^\d+$/.test(listen) ? `*:${listen}` : listen;
  const names = [
    ...(name === undefined ? [] : [`ServerName ${name}`]),
    ...(aliases.length > 0 ? [`ServerAlias ${aliases.join(' ')}`] : []),
  ];
  return `${header(model, 'Apache')}${comment(`Its modules: a2enmod rewrite headers${upstream ? ' proxy proxy_http' : ''}`)}
${listen === undefined ? '' : `Listen ${listen}\n`}${upstream ? workerText(model) : ''}<VirtualHost ${address}>
${names.map((line) => `  ${line}\n`).join('')}  DocumentRoot ${quoted(root)}
${indented(directoryText(model), 1)}
${indented(headerText(model), 1)}
  # Paths are looked up and passed on as they came.
  MergeSlashes Off
  AllowEncodedSlashes NoDecode

  RewriteEngine On
${indented(rulesText(model), 1)}</VirtualHost>
`;
}

function directoryText({ root, upstream }: Model): string {
  return `<Directory ${quoted(root)}>
  # A link in the tree does not show what is outside of it.
  Options None
  AllowOverride None
  AcceptPathInfo Off
  # A page that has just become a folder is not its index.
  <IfModule dir_module>
    DirectoryIndex disabled
    DirectorySlash Off
  </IfModule>
  Require all granted
  # A page is a file, whatever its name says to other modules.
  SetHandler default-handler
  RemoveEncoding .gz .tgz .Z .z .bz2 .br .zst
  RemoveLanguage ${languages.map((language) => `.${language}`).join(' ')}
  RemoveOutputFilter .shtml .html .htm
${upstream ? '  # Entity tags of Apache are not those of Node: the time decides, and who has a tag asks Node.\n  FileETag None\n' : '  FileETag MTime Size\n'}  EnableMMAP Off
</Directory>
${upstream ? '# Purged at this very moment, or behind a link: the application answers.\n' : ''}ErrorDocument 403 ${MISSING}
ErrorDocument 404 ${MISSING}
`;
}

/** The endings that Apache's own file of types makes languages of. */
const languages = [
  ...[
    'amh',
    'ara',
    'be',
    'bg',
    'bn',
    'br',
    'bs',
    'ca',
    'cy',
    'cz',
    'da',
    'de',
    'dk',
    'dz',
    'el',
    'en',
    'eo',
    'es',
  ],
  ...[
    'et',
    'eu',
    'fa',
    'fi',
    'fr',
    'ga',
    'glg',
    'gu',
    'he',
    'hi',
    'hr',
    'hu',
    'hy',
    'id',
    'is',
    'it',
    'ja',
    'ka',
  ],
  ...[
    'kk',
    'km',
    'kn',
    'ko',
    'ku',
    'lo',
    'lt',
    'ltz',
    'lv',
    'mg',
    'mk',
    'ml',
    'mr',
    'msa',
    'ne',
    'nl',
    'nn',
    'no',
  ],
  ...[
    'nob',
    'pa',
    'po',
    'pt',
    'pt-br',
    'ro',
    'ru',
    'sa',
    'se',
    'si',
    'sk',
    'sl',
    'sq',
    'sr',
    'sv',
    'ta',
    'te',
    'th',
  ],
  ...['tl', 'tr', 'uk', 'ur', 'vi', 'wo', 'xh', 'zh-cn', 'zh-tw'],
];

function workerText({ upstream }: Model): string {
  return `# Connections to the application are kept, and may become WebSockets.
<Proxy ${quoted(addressOf(upstream))}>
  ProxySet enablereuse=on upgrade=websocket
</Proxy>

`;
}

function headerText({ cacheControl, upstream }: Model): string {
  const rules = [...cacheControl].reverse().map(({ prefix, value }) => {
    const test = quoted(
      `expr=reqenv('PAGETREE_HIT') == '1' && reqenv('PAGETREE_PATH') =~ m#${atOrBelow([prefix])}#`,
    );
    const said = fieldForApache(`cacheControl[${JSON.stringify(prefix)}]`, value);
    return `Header set Cache-Control ${said} ${test}\n`;
  });
  return `# Browsers ask each time and get a 304, so that a purge reaches them too; or what cacheControl says.
Header set Cache-Control no-cache env=PAGETREE_HIT
${rules.join('')}Header set Vary Accept-Encoding env=PAGETREE_VARY
Header set Cache-Status "apache; hit" env=PAGETREE_HIT
${codings.map(([coding]) => `Header set Content-Encoding ${coding} env=PAGETREE_${coding.toUpperCase()}\n`).join('')}${
  upstream
    ? `# Within its first second a page may be replaced and keep its time.
Header unset Last-Modified "expr=reqenv('PAGETREE_HIT') == '1' && %{LAST_MODIFIED} >= %{TIME}"

ProxyPreserveHost On
# With another proxy in front that ends TLS, send on what that one says of scheme and host instead.
RequestHeader unset X-Forwarded-Host early
RequestHeader set X-Forwarded-Proto "expr=%{REQUEST_SCHEME}"
`
    : ''
}`;
}
