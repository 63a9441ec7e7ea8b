// What can be shown, one view after the other.

import { asideWords, element, empty, facts, fold, language, pill, say, table } from './parts.js';

const OVERVIEW = '/data/overview';
const DAY = 86400;

/** Each view: its title, the data it needs, whether they can be read anew, and how they look. */
export const views = {
  certificates: {
    title: () => say('certificates'),
    path: OVERVIEW,
    again: true,
    show: certificates,
  },
  renewals: { title: () => say('renewals'), path: OVERVIEW, show: renewals },
  tokens: { title: () => say('tokens'), path: OVERVIEW, again: true, show: tokens },
  audit: { title: () => say('audit'), path: '/data/audit', again: true, show: audit },
  settings: { title: () => say('settings'), path: '/data/settings', show: settings },
  doctor: { title: () => say('doctor'), path: '/data/doctor', again: true, show: doctor },
};

function certificates({ now, certificates: all }) {
  if (all.length === 0) return [empty(say('empty-certificates'))];
  const due = all.filter((one) => one.advice);
  const span = reach(now, all);
  const cards = all.map((one) => certificate(one, span));
  const going = all.some((one) => one.renewal && !one.replaced);
  const words = due.length > 0 ? toDo(due) : quiet(going ? say('renewing') : say('none-due'));
  return [words, legend(), ...cards];
}

function quiet(text) {
  return element('p', { className: 'quiet' }, text);
}

function toDo(due) {
  const items = due.map((one) =>
    element(
      'li',
      {},
      element('strong', {}, `${one.name} · ${one.days}`),
      element('span', {}, `${one.bank}${language === 'ja' ? '：' : ': '}${one.advice}`),
    ),
  );
  return element(
    'section',
    { className: 'notice due' },
    element('h2', {}, say('due')),
    element('ul', {}, ...items),
  );
}

function legend() {
  const named = {
    valid: say('legend-valid'),
    window: say('legend-window'),
    grace: say('legend-grace'),
    today: say('legend-today'),
  };
  const one = (kind) =>
    element('li', {}, element('i', { className: kind, 'aria-hidden': 'true' }), named[kind]);
  return element('ul', { className: 'legend' }, ...['valid', 'window', 'grace', 'today'].map(one));
}

/** The time that all timelines show: two months back at least, and to the last end. */
function reach(now, all) {
  const from = Math.min(now - 60 * DAY, ...all.map((one) => Math.max(one.begins, now - 400 * DAY)));
  const to = Math.max(now + 120 * DAY, ...all.map((one) => Math.min(one.window_closes, now + 800 * DAY)));
  const margin = (to - from) * 0.03;
  return { now, from: from - margin, to: to + margin };
}

function certificate(one, span) {
  const days = one.replaced ? null : element('p', { className: `days ${one.tone}` }, one.days);
  const head = element(
    'div',
    { className: 'top' },
    element('div', {}, element('h2', {}, one.name), element('p', { className: 'under' }, one.bank)),
    element('div', { className: 'state' }, pill(one.tone, one.status_text), days),
  );
  return element(
    'article',
    { className: `card ${one.tone}` },
    head,
    timeline(one, span),
    facts([
      [say('legend-valid'), one.valid],
      [say('legend-window'), one.replaced ? '' : one.window],
    ]),
    one.renewal && !one.replaced ? element('p', {}, element('a', { href: '#renewals' }, say('renewing'))) : null,
    fold(
      `certificate-${one.id}-${one.token}`.replace(/[^\w-]/g, '-'),
      say('details'),
      facts([
        [say('token'), one.token],
        [say('holder'), one.subject],
        [say('issuer'), one.issuer],
        [say('serial'), one.serial],
        [say('key'), one.key],
        [say('bank'), one.help_desk],
      ]),
    ),
  );
}

/** Validity, window and today on one line; the sentence below it says the same. */
function timeline(one, span) {
  const place = (at) => `${(100 * (Math.min(Math.max(at, span.from), span.to) - span.from)) / (span.to - span.from)}%`;
  const bar = (kind, from, to) => {
    const made = element('span', { className: kind });
    made.style.setProperty('--from', place(from));
    made.style.setProperty('--to', place(to));
    return made;
  };
  const track = element('div', { className: 'track' }, bar('valid', one.begins, one.ends));
  track.append(bar('window', one.window_opens, Math.min(one.window_closes, one.ends)));
  if (one.window_closes > one.ends + DAY) track.append(bar('grace', one.ends, one.window_closes));
  track.append(bar('today', span.now, span.now));
  return element('div', { className: 'timeline', 'aria-hidden': 'true' }, track, months(span, place));
}

function months({ from, to }, place) {
  const row = element('div', { className: 'months' });
  const start = new Date(from * 1000);
  const many = (to - from) / DAY > 200;
  const short = new Intl.DateTimeFormat(language, { month: 'short', timeZone: 'UTC' });
  const long = new Intl.DateTimeFormat(language, { year: 'numeric', timeZone: 'UTC' });
  for (let ahead = 1; ; ahead += 1) {
    const month = new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + ahead, 1));
    const at = month.getTime() / 1000;
    if (at > to - (to - from) * 0.04) return row;
    const number = month.getUTCMonth();
    if (many && number % 3 !== 0) continue;
    const mark = element('span', {}, (number === 0 ? long : short).format(month));
    if (many && number % 6 !== 0) mark.className = 'minor';
    mark.style.setProperty('--from', place(at));
    row.append(mark);
  }
}

async function renewals({ renewals: all }, { read, known }) {
  if (all.length === 0) return [empty(say('empty-renewals'))];
  const going = all.filter((one) => !one.over);
  const over = all.filter((one) => one.over);
  const paths = new Map(all.map((one) => [one, `/data/renewals/${one.id}`]));
  // Those under way are open; the others are read once somebody unfolds them.
  await Promise.all(going.map((one) => read(paths.get(one))));
  const cards = (some, open) => some.map((one) => renewal(one, paths.get(one), open, { read, known }));
  const past = over.length > 0 ? [element('h2', { className: 'part' }, say('over'))] : [];
  return [...cards(going, true), ...past, ...cards(over, false)];
}

function renewal(one, path, open, { read, known }) {
  const steps = element('ol', { className: 'steps' });
  const fill = (data) => {
    const step = ({ time, text }) =>
      element('li', {}, element('span', {}, text), element('time', {}, time));
    steps.replaceChildren(...data.steps.map(step));
  };
  const way = fold(`renewal-${one.id}`, say('steps'), steps);
  way.open = open;
  if (known.has(path)) fill(known.get(path));
  way.addEventListener('toggle', async () => {
    if (way.open && steps.childElementCount === 0) fill(await read(path));
  });
  const problem = one.problem
    ? asideWords('bad', one.problem.title, [one.problem.detail, one.problem.remedy].filter(Boolean))
    : null;
  return element(
    'article',
    { className: 'card' },
    element(
      'div',
      { className: 'top' },
      element('div', {}, element(open ? 'h2' : 'h3', {}, one.name), element('p', { className: 'under' }, one.bank)),
      element('div', { className: 'state' }, pill(one.tone, one.state_text)),
    ),
    facts([
      [say('reference'), one.reference],
      [say('time'), one.changed],
    ]),
    problem,
    way,
  );
}

function tokens({ modules, readers }) {
  const there = modules.flatMap((module) => module.tokens.map((token) => ({ token, module })));
  const cards = there.map(({ token, module }) =>
    element(
      'article',
      { className: 'card' },
      element('h2', {}, token.label),
      facts([
        [say('certificates'), String(token.certificates)],
        [say('serial'), token.serial],
        [say('module'), module.name],
      ]),
    ),
  );
  const troubles = modules
    .filter((module) => module.problem)
    .map(({ name, problem }) =>
      asideWords('bad', `${name}: ${problem.title}`, [problem.detail, problem.remedy].filter(Boolean)),
    );
  const none = there.length === 0 ? [empty(say('empty-tokens'))] : [];
  const list = (readers ?? []).map((reader) =>
    element(
      'li',
      {},
      element('span', {}, reader.name),
      pill(reader.card ? 'done' : 'calm', reader.card ? say('reader-full') : say('reader-empty')),
    ),
  );
  return [
    ...troubles,
    ...none,
    ...cards,
    element('h2', { className: 'part' }, say('readers')),
    list.length > 0 ? element('ul', { className: 'rows' }, ...list) : empty(say('empty-readers')),
  ];
}

function audit({ whole, verdict, flaws, head, entries }) {
  const banner = asideWords(whole ? 'good' : 'bad', verdict, flaws);
  if (entries.length === 0) return [empty(say('empty-trail'))];
  banner.append(facts([[say('head'), element('code', {}, head)]]));
  const headings = ['number', 'time', 'reference', 'step', 'who'];
  const rows = entries.map((one) => [String(one.number), one.time, one.reference, one.step, one.who]);
  const named = { number: say('number'), time: say('time'), reference: say('reference'), step: say('step'), who: say('who') };
  return [banner, table(say('audit'), headings.map((name) => named[name]), rows)];
}

function settings({ settings: all }) {
  const rows = all.map(({ key, value, origin }) => [element('code', {}, key), value, origin]);
  return [table(say('settings'), [say('setting'), say('value'), say('origin')], rows)];
}

function doctor({ verdict, summary, findings }) {
  const tones = { ok: 'good', warning: 'due', failed: 'bad' };
  const parts = [];
  for (const group of new Set(findings.map((one) => one.group))) {
    const items = findings.filter((one) => one.group === group).map((one) => finding(one, tones));
    parts.push(element('section', {}, element('h2', { className: 'part' }, group), element('ul', { className: 'findings' }, ...items)));
  }
  return [asideWords(tones[verdict], summary), ...parts];
}

function finding(one, tones) {
  const words = element('div', {}, element('p', {}, one.text));
  for (const detail of one.details) words.append(element('p', { className: 'detail' }, detail));
  if (one.remedy) words.append(element('p', { className: 'remedy' }, element('strong', {}, say('remedy')), ` ${one.remedy}`));
  return element('li', {}, pill(tones[one.verdict], one.verdict_text), words);
}
