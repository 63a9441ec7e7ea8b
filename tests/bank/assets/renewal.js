// The screens of a renewal or an acquisition: finds the agent, runs it, shows one section at a time.
// Every text is in the page; what went wrong is said by the agent or the CA.

import { Koshin, KoshinError } from './koshin/koshin.js';

const page = document.getElementById('renewal');
const { certificate, csrf } = page.dataset;
/** Whether a first certificate is acquired: no certificate, other calls, and a code. */
const acquires = page.dataset.kind === 'acquire';
const api = acquires ? '/api/acquisition' : '/api';
const done = acquires ? '/acquisition/done' : '/renewal/done';
const site = document.title.split(' | ').pop();

/** How long 前処理中 may take, in milliseconds; the browser's own question has its own limit. */
const PREPARE_LIMIT = 60_000;

/** A CA that answers later than in so many seconds is not waited for in front of the page. */
const PATIENCE = 60;

/** Which step of the list a state belongs to. */
const STEP_OF = {
  consent: 'consent',
  'choose-token': 'code',
  'enter-code': 'code',
  authenticate: 'pin',
  'key-intent': 'key',
  'key-ready': 'key',
  'request-ready': 'issue',
  'awaiting-certificate': 'issue',
  received: 'issue',
  verified: 'install',
  'consent-to-install': 'install',
  'install-intent': 'install',
  unproven: 'install',
  proven: 'install',
  grace: 'install',
  retired: 'install',
};

/** What the CA says of a code that leads nowhere any more. */
const SPENT = new Set(['code-locked', 'code-expired', 'code-absent']);

/** Once it is here, the CA has taken the code. */
const AFTER_CODE = new Set(['received', 'verified', 'consent-to-install', 'waiting']);

/** The person's own decisions: no failure, so the page says so calmly. */
const DECLINED = new Set([
  'consent-declined',
  'install-declined',
  'prompt-cancelled',
  'cancelled',
]);

/** Which statuses without an agent have a section of their own. */
const WAYS_OUT = new Set(['denied', 'permission-pending', 'version-mismatch']);

let koshin = null;
/** The agent's id of the renewal under way. */
let renewal = null;
let revoked = false;
/** Ends the wait for a late answer to the browser's question. */
let late = new AbortController();

for (const button of page.querySelectorAll('[data-do="prepare"]')) {
  button.addEventListener('click', prepare);
}
for (const button of page.querySelectorAll('#renew, [data-do="work"]')) {
  button.addEventListener('click', work);
}
await prepare();

/** 電子証明書更新前処理中 */
async function prepare() {
  show('prepare', 0);
  renewal = null;
  revoked = false;
  late.abort();
  late = new AbortController();
  const question = document.getElementById('permission');
  question.hidden = true;
  const limit = new AbortController();
  let timer = setTimeout(() => limit.abort(), PREPARE_LIMIT);
  try {
    const found = await Koshin.connect({
      certificate,
      firstPort: Number(page.dataset.firstPort),
      portCount: Number(page.dataset.portCount),
      needs: [acquires ? 'acquire' : 'renew'],
      language: document.documentElement.lang,
      signal: limit.signal,
      onPermissionPrompt() {
        clearTimeout(timer);
        question.hidden = false;
      },
    });
    if (found.status !== 'ready') {
      refuse(found);
      return;
    }
    koshin = found;
    const resumed = Boolean(koshin.certificate?.renewal);
    // What an officer decided says more than that it goes on.
    document.getElementById('resume').hidden = !resumed || Boolean(page.dataset.application);
    show('start', 1);
  } catch (error) {
    if (limit.signal.aborted) refuse({ status: 'not-reachable', causes: [] });
    else fail(error);
  } finally {
    clearTimeout(timer);
    question.hidden = true;
  }
}

/** From 更新 to the last page. */
async function work() {
  show('work', 2);
  const refused = document.getElementById('refused-code');
  if (refused) refused.hidden = true;
  progress({ state: 'consent', waiting: null });
  const leaving = new AbortController();
  let later = false;
  try {
    const { nonce, subject, subject_alt_name: subjectAltName } = await ask(`${api}/nonces`, {});
    const callbacks = {
      nonce,
      submit: async ({ csr, proof, renewal: id }) => {
        renewal = id;
        try {
          const answer = await ask(`${api}/certificates`, acquires ? { csr } : { csr, proof });
          later = answer.pending?.retry_after > PATIENCE;
          return answer;
        } catch (error) {
          if (error.code !== 'wrong-code') throw error;
          return refuseCode(error.problem);
        }
      },
      receipt: ({ receipt }) => deliver(receipt),
      reject: async (problem) => {
        const answer = await ask(`${api}/rejections`, { code: problem.code });
        revoked = answer.revoked.length > 0;
      },
      onProgress: (step) => {
        progress(step);
        // The agent has written down that the CA answers later: nobody is needed until then.
        if (later && step.waiting === 'bank') leaving.abort(new Later());
      },
      signal: leaving.signal,
    };
    if (acquires) await koshin.acquire({ subject, subjectAltName, ...callbacks });
    else await koshin.renew(callbacks);
    location.assign(done);
  } catch (error) {
    await settle(error);
  }
}

/** The CA refused the code, and takes another try: Koshin asks for it again. */
async function refuseCode({ title, tries_left }) {
  const note = document.getElementById('refused-code');
  note.hidden = false;
  note.querySelector('p').textContent = title;
  const { nonce } = await ask(`${api}/nonces`, {});
  return { wrong_code: { tries_left, nonce } };
}

/** The receipt must arrive: a lost connection is worth a few tries. */
async function deliver(receipt) {
  for (let left = 3; ; left -= 1) {
    try {
      await ask(`${api}/receipts`, { receipt });
      return;
    } catch (error) {
      if (error instanceof CaProblem && error.code === 'session-ended') throw error;
      if (left === 0 || error instanceof CaProblem) throw new ReceiptLate(error);
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

/** Ends what can't go on, then says why. */
async function settle(error) {
  if (error instanceof Later) {
    location.assign('/renewal/pending');
    return;
  }
  if (error instanceof CaProblem && error.code === 'delivered') {
    location.assign(done);
    return;
  }
  if (error instanceof CaProblem && error.final && renewal) {
    // The CA will never answer this request: the next try needs a new one.
    await koshin.cancel(renewal).catch(() => {});
    if (error.code === 'not-approved' && page.dataset.application === 'refused') {
      // The person was told before pressing 更新, and meant a new request by it.
      page.dataset.application = '';
      await work();
      return;
    }
  }
  fail(error);
}

/** A request to the CA. */
async function ask(path, body) {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-csrf-token': csrf },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(30_000),
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new CaProblem(response.status, answer);
  return answer;
}

/** The CA said no, or has a fault. */
class CaProblem extends Error {
  constructor(status, problem) {
    super(problem.code ?? String(status));
    this.code = problem.code ?? 'unknown';
    this.problem = problem;
    this.final = status === 409 || status === 422;
  }
}

/** The CA answers later than anybody waits for. */
class Later extends Error {}

/** The certificate is installed, and the CA has not heard of it. */
class ReceiptLate extends Error {
  constructor(cause) {
    super('receipt', { cause });
  }
}

/** Shows where the renewal stands in the list of steps. */
function progress({ renewal: id, state, waiting }) {
  renewal = id ?? renewal;
  for (const note of page.querySelectorAll('[data-waiting]')) {
    note.hidden = note.dataset.waiting !== waiting;
  }
  // The other code is accepted, or the whole thing has ended.
  const refused = document.getElementById('refused-code');
  if (refused && AFTER_CODE.has(state)) refused.hidden = true;
  const steps = [...page.querySelectorAll('[data-step]')];
  const current = steps.findIndex((step) => step.dataset.step === STEP_OF[state]);
  if (current < 0) return;
  steps.forEach((step, index) => {
    step.classList.toggle('done', index < current);
    step.classList.toggle('current', index === current);
  });
}

/** The person answers after the page stopped waiting: no further press is needed. */
async function goOnOnceAnswered(signal) {
  await Koshin.permissionAnswered(signal);
  if (!signal.aborted) await prepare();
}

/** No agent that can renew this certificate: the steps for each cause. */
function refuse({ status, causes }) {
  if (WAYS_OUT.has(status)) {
    show(status, 0);
    if (status === 'permission-pending') void goOnOnceAnswered(late.signal);
    return;
  }
  // An agent that answered without the certificate runs: only the card can be missing.
  const elsewhere = status === 'certificate-not-here';
  for (const entry of page.querySelectorAll('[data-cause]')) {
    entry.hidden = elsewhere && !['card', 'other-user'].includes(entry.dataset.cause);
  }
  const heading = page.querySelector('[data-screen="not-reachable"] [data-lead="elsewhere"]');
  page.querySelector('[data-screen="not-reachable"] [data-lead="nobody"]').hidden = elsewhere;
  heading.hidden = !elsewhere;
  page.dataset.causes = causes.join(' ');
  show('not-reachable', 0);
}

/** It ended without a certificate: why, what to do, and that the old one still works. */
function fail(error) {
  const screen = page.querySelector('[data-screen="failed"]');
  // A code that the CA takes no more is as little to be tried again as one that is used up.
  const spent = error instanceof CaProblem && SPENT.has(error.code);
  for (const note of page.querySelectorAll('[data-revoked]')) {
    note.hidden = note.dataset.revoked === 'yes' ? !revoked : revoked || spent;
  }
  page.dataset.code = error.code ?? error.message;
  if (error instanceof CaProblem && error.code === 'session-ended') {
    show('session', 0);
    return;
  }
  if (error instanceof KoshinError && DECLINED.has(error.code)) {
    show('declined', 2);
    return;
  }
  if (error instanceof ReceiptLate) {
    show('receipt', 2);
    return;
  }
  const problem = error.problem ?? null;
  const reason = reasonOf(error, problem);
  for (const part of screen.querySelectorAll('[data-reason]')) {
    part.hidden = part.dataset.reason !== reason;
  }
  if (reason === 'given') {
    const detail = problem.detail ? ` ${problem.detail}` : '';
    screen.querySelector('[data-reason="given"]').textContent = problem.title + detail;
  }
  const remedy = screen.querySelector('[data-remedy]');
  remedy.hidden = !problem?.remedy;
  remedy.querySelector('p').textContent = problem?.remedy ?? '';
  const reference = screen.querySelector('[data-reference]');
  reference.hidden = !problem?.reference;
  reference.querySelector('code').textContent = problem?.reference ?? '';
  show('failed', 2);
}

function reasonOf(error, problem) {
  if (problem?.title) return 'given';
  if (error instanceof KoshinError && error.code === 'connection-lost') return 'lost';
  if (error instanceof TypeError || error.name === 'TimeoutError') return 'network';
  return 'unknown';
}

/** Shows one screen, names it in the title, and moves the focus to its heading. */
function show(name, step) {
  for (const screen of page.querySelectorAll('[data-screen]')) {
    screen.hidden = screen.dataset.screen !== name;
  }
  const heading = page.querySelector(`[data-screen="${name}"] h1`);
  document.title = `${heading.textContent} | ${site}`;
  page.querySelectorAll('.path li').forEach((item, index) => {
    if (index === step) item.setAttribute('aria-current', 'step');
    else item.removeAttribute('aria-current');
  });
  page.dataset.screen = name;
  heading.focus({ preventScroll: true });
  window.scrollTo({ top: 0 });
}
