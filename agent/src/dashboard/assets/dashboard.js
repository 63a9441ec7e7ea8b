// The page: its session, the view that is shown, and what keeps it up to date.

import { asideWords, element, language, say } from './parts.js';
import { views } from './views.js';

const STORED = 'koshin-token';
const AGAIN = 2000;

const main = document.getElementById('main');
const live = document.getElementById('live');
const nav = document.getElementById('views');
const names = Object.keys(views);

/** The data that were read last, by path. */
const known = new Map();
let shown = 0;

class SessionOver extends Error {}

/** Trades the code of the address for a token; the address forgets it at once. */
async function begin() {
  const code = /^#code=([\w-]+)$/.exec(location.hash)?.[1];
  if (!code) return;
  history.replaceState(null, '', location.pathname);
  const answer = await fetch('/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code }),
  });
  if (answer.ok) sessionStorage.setItem(STORED, (await answer.json()).token);
}

async function call(path) {
  const token = sessionStorage.getItem(STORED);
  if (!token) throw new SessionOver();
  const headers = { authorization: `Bearer ${token}`, 'accept-language': language };
  const answer = await fetch(path, { headers, cache: 'no-store' });
  if (answer.status === 401) {
    sessionStorage.removeItem(STORED);
    throw new SessionOver();
  }
  return answer;
}

async function read(path) {
  const answer = await call(path);
  const data = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(data.title), { problem: data });
  known.set(path, data);
  return data;
}

function current() {
  const name = location.hash.slice(1);
  return names.includes(name) ? name : names[0];
}

function choose(name) {
  for (const link of nav.querySelectorAll('a')) {
    if (link.hash === `#${name}`) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  document.body.dataset.view = name;
}

/** Shows the current view; `focus` is set when the person went there. */
async function show({ focus = false, again = false } = {}) {
  const turn = ++shown;
  const name = current();
  const view = views[name];
  choose(name);
  const heading = element('h1', { tabIndex: -1 }, view.title());
  const head = element('div', { className: 'head' }, heading);
  if (view.again) {
    const button = element('button', { type: 'button' }, say('refresh'));
    button.addEventListener('click', () => show({ again: true }));
    head.append(button);
  }
  if (focus || again || !main.dataset.name) {
    const waiting = element('p', { className: 'waiting', role: 'status' }, say('loading'));
    main.dataset.name = '';
    main.replaceChildren(head, waiting);
    if (focus) heading.focus();
  }
  try {
    if (again || !known.has(view.path)) await read(view.path);
    const content = await view.show(known.get(view.path), { read, known });
    if (turn !== shown) return;
    const open = opened();
    main.replaceChildren(head, ...content);
    main.dataset.name = name;
    reopen(open);
    if (focus) heading.focus();
  } catch (error) {
    if (turn === shown) failed(error, head);
  }
}

/** What the person has unfolded, and where the focus is: a change must not take it away. */
function opened() {
  return {
    folds: [...main.querySelectorAll('details[open][id]')].map((one) => one.id),
    focus: document.activeElement?.closest('[id]')?.id,
  };
}

function reopen({ folds, focus }) {
  for (const id of folds) document.getElementById(id)?.setAttribute('open', '');
  const kept = focus && main.contains(document.getElementById(focus));
  if (kept) document.querySelector(`#${CSS.escape(focus)} summary`)?.focus();
}

function failed(error, head) {
  if (error instanceof SessionOver) {
    over();
    return;
  }
  const { title = say('failed'), detail, remedy } = error.problem ?? {};
  main.replaceChildren(head, asideWords('bad', title, [detail, remedy].filter(Boolean)));
}

function over() {
  nav.hidden = true;
  live.textContent = '';
  const heading = element('h1', { tabIndex: -1 }, say('session-over'));
  main.dataset.name = 'over';
  main.replaceChildren(heading, element('p', {}, say('session-over-remedy')));
  heading.focus();
}

/** Reads the stream of changes for as long as there is a session. */
async function follow() {
  for (;;) {
    try {
      const answer = await call('/data/changes');
      if (!answer.ok) throw new Error(answer.statusText);
      await lines(answer.body.getReader(), changed);
    } catch (error) {
      if (error instanceof SessionOver) {
        over();
        return;
      }
      live.textContent = say('lost');
      live.dataset.tone = 'lost';
      await new Promise((done) => setTimeout(done, AGAIN));
    }
  }
}

async function lines(reader, each) {
  const decoder = new TextDecoder();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    rest += decoder.decode(value, { stream: true });
    const whole = rest.split('\n');
    rest = whole.pop();
    // Of several changes that came at once, one is enough; blank lines only break a silence.
    const last = whole.filter(Boolean).at(-1);
    if (last) await each(JSON.parse(last));
  }
}

let written;

async function changed(now) {
  live.textContent = say('live');
  live.dataset.tone = 'live';
  if (written === now.written) return;
  const first = written === undefined;
  written = now.written;
  if (first) return;
  // The doctor and the settings say nothing of renewals.
  const kept = ['/data/doctor', '/data/settings'];
  for (const path of [...known.keys()]) if (!kept.includes(path)) known.delete(path);
  await show();
}

function furnish() {
  const links = names.map((name) => element('a', { href: `#${name}` }, views[name].title()));
  nav.append(element('ul', {}, ...links.map((link) => element('li', {}, link))));
  addEventListener('hashchange', () => {
    if (location.hash === '#main') return;
    show({ focus: true });
  });
  const other = document.getElementById('switch');
  other.addEventListener('click', () => {
    other.hash = `#${current()}`;
  });
}

await begin();
furnish();
if (sessionStorage.getItem(STORED)) {
  await Promise.all([show(), follow()]);
} else {
  over();
}
