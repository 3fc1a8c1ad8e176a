import { purgeHandler } from '@pagetree/middleware/fetch';
import { pages } from '$lib/server/pages.js';

const { PURGE_TOKEN } = process.env;
const purge = pages && PURGE_TOKEN ? purgeHandler({ token: PURGE_TOKEN, cache: pages.cache }) : undefined;

/** @type {import('@sveltejs/kit').RequestHandler} */
export const POST = ({ request }) => purge?.(request) ?? new Response('Not found', { status: 404 });
