/** Every layout there is, by the name that the manifest has for it. */
import type { Layout } from '../../contracts.ts';
import { html } from './html.ts';
import { index } from './index.ts';
import { mirror } from './mirror.ts';

export const layouts = { mirror, html, index } as const satisfies Record<string, Layout>;
