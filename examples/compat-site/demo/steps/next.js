/** What to try on one's own: commands that work from the root of the checkout as they are. */
export function next({ screen, cacheDir, keep }) {
  const pnpm = 'npx -y pnpm@12.21.0';
  const tree = keep ? cacheDir : './cache';
  screen.heading('Try next');
  screen.note(
    keep
      ? 'The site on the tree that was kept, for a browser:'
      : 'The site with a tree of its own, for a browser:',
  );
  screen.command('node examples/compat-site/server.js', '--port 3000', `--cache-dir ${tree}`);
  screen.line();
  screen.note('Beside it, what the cache did with a page, and a purge of a whole section:');
  screen.command('curl -sI http://127.0.0.1:3000/css/', '| grep -i cache-status');
  screen.command(`${pnpm} exec cache-purge`, '-r /css', `--cache-dir ${tree}`);
  screen.line();
  if (!keep) {
    screen.note('This demo again, leaving its tree to look around in:');
    screen.command(`${pnpm} demo --keep`);
    screen.line();
  }
  screen.note(keep ? `The tree stays in ${cacheDir}` : 'The temporary folder is being removed.');
}
