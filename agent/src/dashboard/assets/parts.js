// The pieces of which every view is built: elements with text, never markup.

const texts = JSON.parse(document.getElementById('texts').textContent);

export const language = document.documentElement.lang;

/** A text of the catalogue. */
export function say(name) {
  return texts[name];
}

/** An element with properties (`role`, `aria-…` and `data-…` as attributes) and children. */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (key === 'role' || key.includes('-')) made.setAttribute(key, value);
    else made[key] = value;
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** Names and what they stand for; a pair without a value is left out. */
export function facts(pairs) {
  const there = pairs.filter(([, value]) => value);
  const one = ([name, value]) =>
    element('div', {}, element('dt', {}, name), element('dd', {}, value));
  return element('dl', { className: 'facts' }, ...there.map(one));
}

/** A word with a shape, so that nobody needs colours to tell it. */
export function pill(tone, text) {
  return element('span', { className: `pill ${tone}` }, text);
}

/** A message that stands out. */
export function asideWords(tone, title, paragraphs = []) {
  return element(
    'section',
    { className: `notice ${tone}` },
    element('h2', {}, title),
    ...paragraphs.map((text) => element('p', {}, text)),
  );
}

/** Rows under headings; on a narrow page each row becomes a card with its headings. */
export function table(caption, headings, rows) {
  const head = headings.map((heading) => element('th', { scope: 'col' }, heading));
  const row = (cells) =>
    element('tr', {}, ...cells.map((cell, at) => element('td', { 'data-heading': headings[at] }, cell)));
  return element(
    'div',
    { className: 'scroll', tabIndex: 0, role: 'region', 'aria-label': caption },
    element(
      'table',
      {},
      element('thead', {}, element('tr', {}, ...head)),
      element('tbody', {}, ...rows.map(row)),
    ),
  );
}

/** Something that unfolds. */
export function fold(id, summary, ...children) {
  return element('details', { id }, element('summary', {}, summary), ...children);
}

/** Nothing is there, in words. */
export function empty(text) {
  return element('p', { className: 'empty' }, text);
}
