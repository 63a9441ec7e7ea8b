import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Koshin, KoshinError } from '../src/koshin.js';
import {
  agreeable,
  CERTIFICATE,
  FakeAgent,
  json,
  NEW_CERTIFICATE,
  NONCE,
  problem,
  range,
  refuse,
  RENEWAL,
} from './agent.js';

/** A page of the bank: what it sent, and what it was told. */
class Page {
  submitted = [];
  receipts = [];
  rejections = [];
  progress = [];
  answers = [{ certificate: 'PEM' }];

  get callbacks() {
    return {
      nonce: NONCE,
      submit: async (request) => {
        this.submitted.push(request);
        return this.answers.length > 1 ? this.answers.shift() : this.answers[0];
      },
      receipt: async (receipt) => void this.receipts.push(receipt),
      reject: async (reason, ended) => void this.rejections.push([reason.code, ended.renewal]),
      onProgress: ({ state }) => this.progress.push(state),
    };
  }
}

async function ready(t, agent, limits) {
  const ports = await range(t, [agent, null]);
  const koshin = await Koshin.connect({ certificate: CERTIFICATE, ...ports, limits });
  assert.equal(koshin.status, 'ready');
  return koshin;
}

const ended = (code, state) => (error) =>
  error instanceof KoshinError && error.code === code && error.state === state;

test('renews, with each step told once', async (t) => {
  const agent = agreeable(new FakeAgent());
  const koshin = await ready(t, agent);
  const page = new Page();
  const renewed = await koshin.renew({ certificate: CERTIFICATE, ...page.callbacks });
  assert.deepEqual(renewed, { renewal: RENEWAL, certificate: NEW_CERTIFICATE });
  assert.deepEqual(agent.lastBegin, { kind: 'renew', certificate: CERTIFICATE, nonce: NONCE });
  assert.deepEqual(page.submitted, [{ csr: 'Q1NS', proof: 'UFJPT0Y=', renewal: RENEWAL }]);
  assert.deepEqual(agent.lastAnswer, { certificate: 'PEM' });
  assert.equal(page.receipts.length, 1);
  assert.equal(page.receipts[0].receipt, 'UkVDRUlQVA==');
  assert.deepEqual(page.rejections, []);
  assert.equal(new Set(page.progress).size, page.progress.length);
  assert.equal(page.progress[0], 'consent');
  assert.ok(page.progress.includes('consent-to-install'));
  assert.equal(page.progress.at(-1), 'grace');
});

test('sends neither cookie nor referrer, and names JSON', async (t) => {
  const agent = agreeable(new FakeAgent());
  const seen = [];
  agent.interception = (call, _, { headers }) => {
    seen.push([call, headers]);
    return false;
  };
  const ports = await range(t, [agent]);
  const koshin = await Koshin.connect({ certificate: CERTIFICATE, ...ports, language: 'ja' });
  await koshin.renew(new Page().callbacks);
  for (const [call, headers] of seen) {
    assert.equal(headers.cookie, undefined);
    assert.equal(headers.referer, undefined);
    assert.equal(headers['accept-language'], 'ja');
    const hasBody = call.startsWith('PUT') || call === 'POST /v1/renewals';
    assert.equal(headers['content-type'], hasBody ? 'application/json' : undefined, call);
  }
});

test('waits as long as the CA says, then submits again', async (t) => {
  const agent = agreeable(new FakeAgent());
  const koshin = await ready(t, agent);
  const page = new Page();
  page.answers = [{ pending: { retry_after: 0 } }, { certificate: 'PEM' }];
  const before = performance.now();
  await koshin.renew(page.callbacks);
  assert.equal(page.submitted.length, 2);
  assert.ok(performance.now() - before >= 990, 'at least a second lies between two tries');
  assert.ok(page.progress.includes('waiting'));
});

test('a reloaded page finds the renewal in every state', async (t) => {
  const states = [
    ['consent', {}],
    ['authenticate', {}],
    ['key-ready', {}],
    ['awaiting-certificate', { csr: 'Q1NS', proof: 'UFJPT0Y=' }],
    ['verified', { csr: 'Q1NS', proof: 'UFJPT0Y=', new_certificate: NEW_CERTIFICATE }],
    ['consent-to-install', { csr: 'Q1NS', proof: 'UFJPT0Y=', new_certificate: NEW_CERTIFICATE }],
    ['unproven', { csr: 'Q1NS', proof: 'UFJPT0Y=', new_certificate: NEW_CERTIFICATE }],
    ['grace', { receipt: 'UkVDRUlQVA==', new_certificate: NEW_CERTIFICATE }],
  ];
  for (const [state, more] of states) {
    const agent = new FakeAgent();
    const koshin = await ready(t, agent);
    // The page that is gone had brought the renewal here.
    agent.begin();
    agent.step(state, more);
    agreeable(agent);
    setImmediate(() => agent.afterStep(state));
    const page = new Page();
    const { certificate } = await koshin.renew(page.callbacks);
    assert.deepEqual(certificate, NEW_CERTIFICATE, state);
    assert.equal(page.receipts.length, 1, state);
  }
});

test('two tabs at once both end with the certificate', async (t) => {
  const agent = agreeable(new FakeAgent());
  const ports = await range(t, [agent]);
  const tab = async () => {
    const koshin = await Koshin.connect({ certificate: CERTIFICATE, ...ports });
    const page = new Page();
    const renewed = await koshin.renew(page.callbacks);
    return { renewed, page };
  };
  const [one, two] = await Promise.all([tab(), tab()]);
  assert.deepEqual(one.renewed, two.renewed);
  assert.deepEqual([...one.page.rejections, ...two.page.rejections], []);
});

test('a tab that leaves does not end the renewal of the other', async (t) => {
  const agent = new FakeAgent();
  const koshin = await ready(t, agent);
  const controller = new AbortController();
  const page = new Page();
  agent.afterStep = () => controller.abort(new Error('tab closed'));
  const left = koshin.renew({ ...page.callbacks, signal: controller.signal });
  await assert.rejects(left, /tab closed/);
  assert.equal(agent.view.state, 'consent');
  assert.ok(!agent.requests.some((call) => call.startsWith('DELETE')));
});

test('goes on after a broken stream', async (t) => {
  const agent = new FakeAgent();
  const koshin = await ready(t, agent);
  let streams = 0;
  agent.afterStream = () => {
    streams += 1;
    if (streams < 3) agent.breakStreams();
    else if (streams === 3) agreeable(agent).step('authenticate');
  };
  const page = new Page();
  await koshin.renew(page.callbacks);
  assert.equal(page.receipts.length, 1);
  assert.ok(streams >= 3);
});

test('finds an agent again that was restarted on another port', async (t) => {
  const agent = new FakeAgent();
  const ports = await range(t, [agent, null]);
  const koshin = await Koshin.connect({ certificate: CERTIFICATE, ...ports });
  const restarted = agreeable(new FakeAgent());
  agent.afterStep = async (state) => {
    if (state !== 'consent') return;
    agent.afterStep = () => {};
    restarted.begin();
    restarted.view = agent.view;
    restarted.steps = agent.steps;
    await restarted.listen(ports.firstPort + 1);
    t.after(() => restarted.close());
    await agent.close();
    restarted.step('authenticate');
  };
  const page = new Page();
  const { renewal } = await koshin.renew(page.callbacks);
  assert.equal(renewal, RENEWAL);
  assert.equal(page.receipts.length, 1);
});

test('gives up an agent that stays away', async (t) => {
  const agent = new FakeAgent();
  const koshin = await ready(t, agent, { lost: 300 });
  agent.afterStep = () => void agent.close();
  await assert.rejects(koshin.renew(new Page().callbacks), ended('connection-lost', null));
});

test('gives up after its limit, and leaves the renewal to the agent', async (t) => {
  const agent = new FakeAgent();
  const koshin = await ready(t, agent, { renewal: 200 });
  await assert.rejects(koshin.renew(new Page().callbacks), ended('timed-out', null));
  assert.equal(agent.view.state, 'consent');
});

test('a refused answer reaches the CA and ends the renewal', async (t) => {
  const agent = agreeable(new FakeAgent());
  const koshin = await ready(t, agent);
  const page = new Page();
  page.answers = [{ certificate: 'WRONG' }];
  await assert.rejects(koshin.renew(page.callbacks), ended('certificate-key-mismatch', null));
  assert.deepEqual(page.rejections, [['certificate-key-mismatch', RENEWAL]]);
  assert.equal(agent.view.state, 'cancelled');
});

test('a megabyte of rubbish is refused by the agent like any other answer', async (t) => {
  const agent = agreeable(new FakeAgent());
  const koshin = await ready(t, agent);
  const page = new Page();
  page.answers = [{ certificate: '\n'.repeat(1024 * 1024) }];
  await assert.rejects(koshin.renew(page.callbacks), ended('certificate-unreadable', null));
  assert.deepEqual(page.rejections, [['certificate-unreadable', RENEWAL]]);
  assert.equal(agent.view.state, 'cancelled');
});

test('a CA that answers with something else is the fault of the page', async (t) => {
  const agent = agreeable(new FakeAgent());
  const koshin = await ready(t, agent);
  const page = new Page();
  page.answers = [{}];
  await assert.rejects(koshin.renew(page.callbacks), TypeError);
  assert.equal(agent.view.state, 'awaiting-certificate');
});

test('a refused answer ends the renewal even when the CA cannot be told', async (t) => {
  const agent = agreeable(new FakeAgent());
  const koshin = await ready(t, agent);
  const page = new Page();
  page.answers = [{ certificate: 'WRONG' }];
  const reject = () => Promise.reject(new Error('the CA is away'));
  await assert.rejects(koshin.renew({ ...page.callbacks, reject }), (error) => {
    assert.equal(error.code, 'certificate-key-mismatch');
    assert.equal(error.cause.message, 'the CA is away');
    return true;
  });
  assert.equal(agent.view.state, 'cancelled');
});

test('no to a key is not told to the CA', async (t) => {
  const agent = new FakeAgent();
  const koshin = await ready(t, agent);
  agent.afterStep = (state) => {
    if (state === 'consent') agent.step('cancelled', { problem: problem('consent-declined', 403) });
  };
  const page = new Page();
  await assert.rejects(koshin.renew(page.callbacks), ended('consent-declined', 'cancelled'));
  assert.deepEqual(page.rejections, []);
});

test('no to the certificate is told to the CA, before and after a reload', async (t) => {
  for (const reloaded of [false, true]) {
    const agent = agreeable(new FakeAgent());
    const koshin = await ready(t, agent);
    const agree = agent.afterStep;
    // What has ended shows no request any more.
    const more = { csr: undefined, proof: undefined, problem: problem('install-declined', 403) };
    agent.afterStep = (state) => {
      if (state === 'consent-to-install') setImmediate(() => agent.step('cancelled', more));
      else agree(state);
    };
    if (reloaded) {
      agent.begin();
      agent.step('verified', { csr: 'Q1NS', proof: 'UFJPT0Y=', new_certificate: NEW_CERTIFICATE });
      agent.afterStep = () => {};
      agent.afterStream = () => agent.step('cancelled', more);
    }
    const page = new Page();
    await assert.rejects(koshin.renew(page.callbacks), ended('install-declined', 'cancelled'));
    assert.deepEqual(page.rejections, [['install-declined', RENEWAL]]);
  }
});

test('a refusal to begin comes with the problem document', async (t) => {
  const agent = new FakeAgent();
  const koshin = await ready(t, agent);
  agent.interception = (call, response) => {
    if (call !== 'POST /v1/renewals') return false;
    refuse(response, 'too-early', 409);
    return true;
  };
  await assert.rejects(koshin.renew(new Page().callbacks), (error) => {
    assert.equal(error.code, 'too-early');
    assert.equal(error.message, 'title of too-early');
    assert.equal(error.problem.reference, '0123ABCD');
    return true;
  });
});

test('passes on what a callback throws, and the next try goes on', async (t) => {
  const agent = agreeable(new FakeAgent());
  const koshin = await ready(t, agent);
  const page = new Page();
  const submit = () => Promise.reject(new Error('session expired'));
  await assert.rejects(koshin.renew({ ...page.callbacks, submit }), /session expired/);
  assert.equal(agent.view.state, 'awaiting-certificate');
  await koshin.renew(page.callbacks);
  assert.equal(page.receipts.length, 1);
});

test('lets the bank sign the request, over a challenge of the agent', async (t) => {
  const agent = agreeable(new FakeAgent());
  const koshin = await ready(t, agent);
  globalThis.location = /** @type {any} */ ({ origin: 'https://bank.example' });
  t.after(() => Reflect.deleteProperty(globalThis, 'location'));
  const toSign = [];
  const sign = async (request) => {
    toSign.push(request);
    return 'JWS';
  };
  await koshin.renew({ ...new Page().callbacks, sign });
  assert.deepEqual(toSign, [
    {
      kind: 'renew',
      certificate: CERTIFICATE,
      nonce: NONCE,
      challenge: NONCE,
      origin: 'https://bank.example',
    },
  ]);
  assert.equal(agent.lastBegin.request, 'JWS');
});

test('an answer that another tab brought, and that was refused, is told to the CA', async (t) => {
  const agent = new FakeAgent();
  const koshin = await ready(t, agent);
  agent.begin();
  const refused = problem('certificate-untrusted', 422);
  agent.step('awaiting-certificate', { csr: 'Q1NS', proof: 'UFJPT0Y=', problem: refused });
  const page = new Page();
  await assert.rejects(koshin.renew(page.callbacks), ended('certificate-untrusted', null));
  assert.deepEqual(page.submitted, []);
  assert.deepEqual(page.rejections, [['certificate-untrusted', RENEWAL]]);
  assert.equal(agent.view.state, 'cancelled');
});

test('goes on when the person says so', async (t) => {
  const agent = new FakeAgent();
  const koshin = await ready(t, agent);
  assert.throws(() => koshin.resume(), TypeError);
  agent.begin();
  agent.step('waiting', { waiting: 'person' });
  const page = new Page();
  const { onProgress } = page.callbacks;
  let begun = 0;
  agent.interception = (call) => {
    // The second time it is the person who is back.
    if (call === 'POST /v1/renewals' && (begun += 1) === 2) {
      setImmediate(() => agreeable(agent).step('authenticate'));
    }
    return false;
  };
  await koshin.renew({
    ...page.callbacks,
    onProgress: (step) => {
      onProgress(step);
      if (step.waiting === 'person') setImmediate(() => koshin.resume());
    },
  });
  assert.equal(begun, 2);
  assert.equal(page.receipts.length, 1);
});

test('cancels, and reports the outcome', async (t) => {
  const agent = new FakeAgent();
  const koshin = await ready(t, agent);
  assert.throws(() => koshin.cancel(), TypeError);
  const stopped = koshin.renew(new Page().callbacks);
  agent.afterStream = () => koshin.cancel();
  await assert.rejects(stopped, ended('cancelled', 'cancelled'));
  await koshin.outcome('first-login', RENEWAL);
  assert.deepEqual(agent.lastOutcome, { outcome: 'first-login' });
});

test('a stream of nonsense is not followed, and not fatal', async (t) => {
  const agent = new FakeAgent();
  const koshin = await ready(t, agent);
  let nonsense = 2;
  agent.interception = (call, response) => {
    if (!call.endsWith('/events') || nonsense === 0) return false;
    nonsense -= 1;
    if (nonsense === 1) response.end('not json\n');
    else json(response, 200, { revision: 'many' });
    return true;
  };
  agent.afterStream = () => {
    agent.afterStream = () => {};
    agreeable(agent).step('authenticate');
  };
  const page = new Page();
  await koshin.renew(page.callbacks);
  assert.equal(nonsense, 0);
  assert.equal(page.receipts.length, 1);
});
