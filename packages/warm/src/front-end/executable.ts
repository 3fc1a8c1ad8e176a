/** Extensions of programs, which no page has. `@pagetree/core` has this list too and keeps it to itself; a test holds both together. */
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
