import { Router } from 'express';
import { html } from '../views/html.js';
import { noticePage } from '../views/notice.js';

/** The pages that are one visitor's own: whatever caches this site must leave them alone. */
export function personalRoutes({ version }) {
  const router = Router({ strict: true, caseSensitive: true });
  const send = (req, res, notice) =>
    res.type('html').send(`${noticePage({ path: req.path, version, ...notice })}`);

  router.get('/hello', (req, res) => {
    const visits = visitsOf(req.headers.cookie) + 1;
    // The cookie stays on this path: on all paths it would make every later request a personal one.
    res.cookie('visits', String(visits), { path: '/hello', httpOnly: true, sameSite: 'lax' });
    const text =
      visits === 1 ? 'This is your first visit.' : html`You have been here <b>${visits}</b> times.`;
    send(req, res, { heading: 'Hello', code: visits, text });
  });

  router.get('/private', (req, res) => {
    const user = userOf(req.headers.authorization);
    if (user === undefined) {
      res.status(401).set('WWW-Authenticate', 'Basic realm="compat-site", charset="UTF-8"');
      return send(req, res, {
        heading: 'Who are you?',
        code: 401,
        text: 'This page is for people with a name. Any name and password will do.',
      });
    }
    send(req, res, {
      heading: 'Private',
      text: html`You are signed in as <b>${user}</b>, and nobody else sees this page.`,
    });
  });

  router.get('/account', (req, res) => {
    res.set('Cache-Control', 'private');
    send(req, res, { heading: 'Your account', text: 'A page that only your own browser may keep.' });
  });

  return router;
}

function visitsOf(cookie = '') {
  return Number(/(?:^|;\s*)visits=(\d{1,9})(?:;|$)/.exec(cookie)?.[1] ?? 0);
}

/** The user's name in Basic credentials (RFC 7617), or undefined. */
function userOf(authorization = '') {
  const credentials = /^Basic +([A-Za-z0-9+/=]+) *$/i.exec(authorization)?.[1];
  const pair = credentials && Buffer.from(credentials, 'base64').toString('utf8');
  const colon = pair ? pair.indexOf(':') : -1;
  return colon > 0 ? pair.slice(0, colon) : undefined;
}
