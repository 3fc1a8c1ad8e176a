import { printable } from '../printable.ts';

/** Text that is HTML already. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Value = string | number | Markup | readonly Markup[] | undefined;

/**
 * HTML with values in it. Whatever is no `Markup` is made harmless: it may be a URL from outside.
 *
 * @example html`<b>${'<script>'}</b>`.text === '<b>&lt;script&gt;</b>'
 */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Markup {
  return new Markup(parts.reduce((text, part, at) => text + markupOf(values[at - 1]) + part));
}

/** Attributes stand in double quotes only, so five characters are enough for both. */
const entities: Readonly<Record<string, string>> = {
  ...{ '&': '&amp;', '<': '&lt;', '>': '&gt;' },
  ...{ '"': '&quot;', "'": '&#39;' },
};

function markupOf(value: Value): string {
  if (value === undefined) return '';
  if (value instanceof Markup) return value.text;
  if (typeof value === 'object') return value.map(({ text }) => text).join('');
  return printable(String(value), 2000).replace(/[&<>"']/g, (character) => entities[character]!);
}
