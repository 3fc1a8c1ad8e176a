import { pageCache } from '@pagetree/middleware/fetch';
import { building } from '$app/environment';

// The build loads this file, too, and must not make a cache.
export const pages = building ? undefined : pageCache({ cacheDir: './cache' });

process.on('sveltekit:shutdown', () => pages?.close());
