import { html } from './html.js';
import { layout, searchForm } from './layout.js';

/**
 * A page with little on it: an error, or one of the personal pages.
 * @param {object} notice
 * @param {string} notice.path
 * @param {string} notice.version
 * @param {string} notice.heading
 * @param {unknown} notice.text
 * @param {number | string} [notice.code] stands large above the heading
 * @param {boolean} [notice.search] offers a search box
 */
export function noticePage({ path, version, heading, text, code, search = false }) {
  return layout({
    title: `${heading} · Compat Atlas`,
    path,
    version,
    unlisted: true,
    body: html`<section class="notice">
${code && html`<p class="code" aria-hidden="true">${code}</p>`}
<h1>${heading}</h1>
<p class="lead">${text}</p>
${search && searchForm(undefined, true)}
<p><a href="/">Back to the start</a></p>
</section>`,
  });
}
