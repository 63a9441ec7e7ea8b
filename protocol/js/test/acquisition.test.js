import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Koshin, KoshinError } from '../src/koshin.js';
import { AGENT, agreeable, FakeAgent, NEW_CERTIFICATE, NONCE, range, RENEWAL } from './agent.js';

const SUBJECT = 'MBMxETAPBgNVBAMMCGtlaXJpLTAx';

async function connect(t, agents, options) {
  const ports = await range(t, agents);
  return Koshin.connect({ ...ports, needs: ['acquire'], ...options });
}

function callbacks(page) {
  return {
    subject: SUBJECT,
    nonce: NONCE,
    submit: (request) => {
      page.submitted.push(request);
      return { certificate: 'PEM' };
    },
    receipt: ({ receipt }) => void page.receipts.push(receipt),
    onProgress: ({ state }) => page.progress.push(state),
  };
}

const page = () => ({ submitted: [], receipts: [], progress: [] });

test('acquires without a certificate and without a proof', async (t) => {
  const agent = agreeable(new FakeAgent({ certificates: [] }));
  const koshin = await connect(t, [null, agent]);
  assert.equal(koshin.status, 'ready');
  assert.equal(koshin.certificate, null);
  const seen = page();
  const acquired = await koshin.acquire(callbacks(seen));
  assert.deepEqual(acquired, { renewal: RENEWAL, certificate: NEW_CERTIFICATE });
  assert.deepEqual(agent.lastBegin, { kind: 'acquire', subject: SUBJECT, nonce: NONCE });
  assert.deepEqual(seen.submitted, [{ csr: 'Q1NS', renewal: RENEWAL }]);
  assert.deepEqual(seen.receipts, ['UkVDRUlQVA==']);
  assert.deepEqual(seen.progress.slice(0, 4), ['consent', 'choose-token', 'enter-code', 'authenticate']);
});

test('passes alternative names on, and lets the bank sign for the subject', async (t) => {
  const agent = agreeable(new FakeAgent({ certificates: [] }));
  const koshin = await connect(t, [agent]);
  // Where this page is: the SDK's own tests have no page.
  globalThis.location = { origin: 'https://ca.example' };
  t.after(() => delete globalThis.location);
  let signed;
  const sign = (request) => {
    signed = request;
    return 'JWS';
  };
  await koshin.acquire({ ...callbacks(page()), subjectAltName: 'MAA=', sign });
  assert.equal(agent.lastBegin.subject_alt_name, 'MAA=');
  assert.equal(agent.lastBegin.request, 'JWS');
  assert.deepEqual(signed, {
    kind: 'acquire',
    subject: SUBJECT,
    subject_alt_name: 'MAA=',
    nonce: NONCE,
    challenge: NONCE,
    origin: 'https://ca.example',
  });
});

test('an agent that cannot acquire is too old', async (t) => {
  const agent = new FakeAgent({ agent: { ...AGENT, capabilities: ['renew'] } });
  const koshin = await connect(t, [agent]);
  assert.equal(koshin.status, 'version-mismatch');
  assert.deepEqual(koshin.causes, ['agent-too-old']);
});

test('after a wrong code the CA gets another request, and a page that comes back the new nonce', async (t) => {
  const agent = agreeable(new FakeAgent({ certificates: [] }));
  const koshin = await connect(t, [agent]);
  const seen = page();
  const nonce = 'B'.repeat(43);
  const submit = async ({ csr }) => {
    seen.submitted.push(csr);
    if (seen.submitted.length > 1) return { certificate: 'PEM' };
    return { wrong_code: { tries_left: 4, nonce } };
  };
  let asked;
  const onProgress = ({ state }) => {
    seen.progress.push(state);
    if (state === 'enter-code' && seen.submitted.length === 1) {
      asked = agent.lastAnswer;
      void koshin.resume();
    }
  };
  const acquired = await koshin.acquire({ ...callbacks(seen), submit, onProgress });
  assert.deepEqual(acquired.certificate, NEW_CERTIFICATE);
  assert.deepEqual(asked, { wrong_code: { tries_left: 4, nonce } });
  assert.deepEqual(seen.submitted, ['Q1NS', 'QUdBSU4=']);
  assert.equal(agent.lastBegin.nonce, nonce);
  assert.equal(seen.progress.filter((state) => state === 'enter-code').length, 2);
});

test('a refusal of the CA is passed on, and the acquisition can be ended', async (t) => {
  const agent = agreeable(new FakeAgent({ certificates: [] }));
  const koshin = await connect(t, [agent]);
  const refusal = new Error('wrong-code');
  const submit = () => {
    throw refusal;
  };
  await assert.rejects(koshin.acquire({ ...callbacks(page()), submit }), (error) => error === refusal);
  assert.equal((await koshin.cancel()).state, 'cancelled');
});

test('a renewal needs a certificate, an acquisition a subject', async (t) => {
  const koshin = await connect(t, [new FakeAgent({ certificates: [] })]);
  await assert.rejects(koshin.renew(callbacks(page())), TypeError);
  await assert.rejects(koshin.acquire({ ...callbacks(page()), subject: undefined }), TypeError);
  await assert.rejects(Koshin.connect({ certificate: '00' }), TypeError);
  assert.equal(KoshinError.name, 'KoshinError');
});
