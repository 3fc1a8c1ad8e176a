import { pages } from '$lib/server/pages.js';

/** @type {import('@sveltejs/kit').Handle} */
export const handle = ({ event, resolve }) =>
  pages ? pages(event.request, () => resolve(event), { incoming: event.platform?.req }) : resolve(event);
