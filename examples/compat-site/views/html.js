const ESCAPES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text that is markup already and is not escaped again. */
class Markup {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
  }

  toString() {
    return this.text;
  }
}

/** @param {string} text */
export function escapeText(text) {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character]);
}

/** Vouches for a text: it goes out as it is. */
export function trusted(text) {
  return new Markup(text);
}

/** A name that may be broken where its words meet: `AbortController` before the C. */
export function breakable(name) {
  return new Markup(escapeText(name).replace(/(?<=[a-z])(?=[A-Z])|(?<=_)(?=[a-zA-Z])/g, '<wbr>'));
}

/**
 * A template whose values are escaped, also inside quoted attributes. Lists are joined; nothing, false and true
 * print nothing, so that `${condition && html`...`}` reads well.
 * @returns {Markup}
 */
export function html(strings, ...values) {
  let text = strings[0];
  for (let i = 0; i < values.length; i++) text += print(values[i]) + strings[i + 1];
  return new Markup(text);
}

function print(value) {
  if (value instanceof Markup) return value.text;
  if (Array.isArray(value)) return value.map(print).join('');
  if (value === undefined || value === null || typeof value === 'boolean') return '';
  return escapeText(String(value));
}
