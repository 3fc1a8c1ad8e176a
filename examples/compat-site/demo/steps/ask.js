import { expected } from '../children.js';
import { median, Visitor } from '../requests.js';

const ROUNDS = 40;
const compared = ['/', '/api/', '/api/Element', '/api/AbortController', '/api/AbortController.json'];
/** What a page cache must leave alone. */
const refused = ['/search?q=grid', '/hello', '/account', '/no/such/page'];

/** Asks for pages, from the application and from the tree. */
export async function ask({ screen }, { origin }) {
  const visitor = new Visitor(origin);
  screen.heading('2. Ask: the same pages, from the application and from the tree');
  const rows = [];
  for (const path of compared) rows.push(await compare(visitor, path));
  screen.table(['GET', 'application>', 'tree>', '>'], rows);
  screen.line();
  screen.note(
    `Medians of ${ROUNDS} requests over one connection. The tree answers with Cache-Status: pagetree; hit. ` +
      'The application is asked with a ? behind the path, which is never answered from the tree.',
  );
  screen.line();
  screen.note('What must not be kept goes to the application each time, and says why:');
  screen.line();
  const told = [];
  for (const path of refused) {
    await visitor.get(path);
    const { cacheStatus } = await visitor.get(path);
    if (isHit(cacheStatus)) throw expected(`${path} was answered from the tree: ${cacheStatus}`);
    told.push([path, cacheStatus]);
  }
  screen.table(['GET', 'Cache-Status'], told);
  visitor.leave();
}

/** Turn by turn, so that whatever else the machine does hits both alike. */
async function compare(visitor, path) {
  const application = [];
  const tree = [];
  // The first answers find code that has not run yet; and with --urls the page may not be in the tree.
  for (let round = -5; round < ROUNDS; round++) {
    const made = await visitor.get(`${path}?`);
    const kept = await visitor.get(path);
    if (round < 0) continue;
    if (isHit(made.cacheStatus) || !isHit(kept.cacheStatus) || made.bytes !== kept.bytes) {
      throw expected(`${path} came as ${made.cacheStatus} and then as ${kept.cacheStatus}.`);
    }
    application.push(made.milliseconds);
    tree.push(kept.milliseconds);
  }
  const [slow, fast] = [median(application), median(tree)];
  const times = slow / fast;
  return [path, milliseconds(slow), milliseconds(fast), times >= 1.2 ? `${times.toFixed(1)} times` : ''];
}

export function isHit(cacheStatus) {
  return /^pagetree; hit\b/.test(cacheStatus);
}

export function milliseconds(value) {
  return `${value.toFixed(2)} ms`;
}
