/** Names that a web server may run, or read as its own configuration, instead of sending them. Pure. */

/**
 * The one list. Some of these are handled in a stock Debian or IIS (`shtml`, `var`, `asa`), the others as soon as
 * somebody follows the handbook of that language. A page must never become a program because a server that
 * shares the tree has a handler for its name.
 */
export const executableExtensions: readonly string[] = [
  // PHP and its old spellings
  ...['php', 'php2', 'php3', 'php4', 'php5', 'php6', 'php7', 'php8', 'phps', 'pht', 'phtm', 'phtml', 'phar'],
  // CGI, FastCGI and the languages that are run with them
  ...[
    'cgi',
    'fcgi',
    'fpl',
    'pl',
    'py',
    'pyc',
    'pyo',
    'rpy',
    'rb',
    'rhtml',
    'erb',
    'lua',
    'tcl',
    'sh',
    'bash',
  ],
  // Programs, for servers on Windows
  ...['bat', 'cmd', 'exe', 'dll'],
  // Server-side includes, and Apache's type maps and ready-made responses
  ...['shtml', 'shtm', 'stm', 'var', 'asis'],
  // ASP and ASP.NET, with the extensions that IIS maps to them, and what IIS reads as configuration
  ...[
    'asp',
    'aspx',
    'asa',
    'asax',
    'ascx',
    'ashx',
    'asmx',
    'axd',
    'cdx',
    'cer',
    'cshtml',
    'vbhtml',
    'config',
  ],
  // Java and ColdFusion
  ...['jsp', 'jspa', 'jspf', 'jspx', 'jsw', 'jsv', 'jhtml', 'cfm', 'cfml', 'cfc'],
];

const executable: ReadonlySet<string> = new Set(executableExtensions);

const cuts = /[;: ]/;

/**
 * Whether a folded name has an executable extension. Every extension counts, not only the last: Apache
 * (mod_mime) runs `a.php.html` where `.php` has a handler. An extension ends at the next dot, and at `;`, `:` and
 * space too, for servers that cut a name there: `a.asp;.jpg` (IIS), `a.php::$DATA` (NTFS), `a.php ` (Windows).
 */
export function isExecutable(folded: string): boolean {
  const isCut = cuts.test(folded);
  for (let dot = folded.indexOf('.'); dot !== -1; ) {
    const next = folded.indexOf('.', dot + 1);
    const extension = folded.slice(dot + 1, next === -1 ? undefined : next);
    const end = isCut ? extension.search(cuts) : -1;
    if (executable.has(end === -1 ? extension : extension.slice(0, end))) return true;
    dot = next;
  }
  return false;
}
