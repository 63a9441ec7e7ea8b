import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Koshin } from '../src/koshin.js';
import { AGENT, CERTIFICATE, FakeAgent, Squatter, Stranger, json, range, refuse } from './agent.js';

const LIMITS = { agent: 300, certificates: 1_000, permission: 300 };
const connect = (ports, more) =>
  Koshin.connect({ certificate: CERTIFICATE, ...ports, limits: LIMITS, ...more });

test('finds the agent that holds the certificate', async (t) => {
  const ports = await range(t, [null, new FakeAgent()]);
  const koshin = await connect(ports);
  assert.equal(koshin.status, 'ready');
  assert.equal(koshin.agent.version, '0.1.0');
  assert.equal(koshin.certificate.id, CERTIFICATE);
});

test('a squatter on the first port neither hides nor delays it', async (t) => {
  const ports = await range(t, [new Squatter(), new FakeAgent()]);
  const before = performance.now();
  const koshin = await connect(ports, { limits: { agent: 60_000 } });
  assert.equal(koshin.status, 'ready');
  assert.ok(performance.now() - before < 10_000);
});

test("another user's agent, other programs and broken answers are passed over", async (t) => {
  const ports = await range(t, [
    new FakeAgent({ certificates: ['ff'.repeat(32)] }),
    new Stranger((response) => response.end('hello')),
    new Stranger((response) => json(response, 200, null)),
    new Stranger((response) => json(response, 200, { product: 'koshin' })),
    new Stranger((response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()),
    new Stranger((response) => response.writeHead(500).end()),
    new Stranger((response) => response.end('x'.repeat(2_000_000))),
    new FakeAgent(),
  ]);
  const koshin = await connect(ports);
  assert.equal(koshin.status, 'ready');
});

test('says that no agent is reachable, and what is silent', async (t) => {
  const nobody = await connect(await range(t, [null, null]));
  assert.equal(nobody.status, 'not-reachable');
  assert.ok(nobody.causes.includes('not-running'));
  assert.ok(!nobody.causes.includes('port-unanswered'));

  const silent = await connect(await range(t, [new Squatter()]));
  assert.equal(silent.status, 'not-reachable');
  assert.ok(silent.causes.includes('port-unanswered'));
});

test('says that the certificate is not here', async (t) => {
  const ports = await range(t, [new FakeAgent({ certificates: [] }), new Squatter()]);
  const koshin = await connect(ports);
  assert.equal(koshin.status, 'certificate-not-here');
  assert.equal(koshin.agents[0].version, '0.1.0');
});

test('passes on why an agent cannot list its certificates', async (t) => {
  const agent = new FakeAgent();
  agent.interception = (call, response) => {
    if (call !== 'GET /v1/certificates') return false;
    refuse(response, 'module-failed', 502);
    return true;
  };
  const koshin = await connect(await range(t, [agent]));
  assert.equal(koshin.status, 'certificate-not-here');
  assert.equal(koshin.causes[0], 'agent-problem');
  assert.equal(koshin.problem.code, 'module-failed');
});

test('tells an agent that is too old from one that is too new', async (t) => {
  const newer = await connect(
    await range(t, [new FakeAgent({ agent: { ...AGENT, api: ['v2', 'v3'] } })]),
  );
  assert.equal(newer.status, 'version-mismatch');
  assert.deepEqual(newer.causes, ['agent-too-new']);

  const older = await connect(
    await range(t, [new FakeAgent({ agent: { ...AGENT, capabilities: ['renew'] } })]),
    { needs: ['signed-requests'] },
  );
  assert.equal(older.status, 'version-mismatch');
  assert.deepEqual(older.causes, ['agent-too-old']);
});

test('ends the search when the page says so', async (t) => {
  const ports = await range(t, [new Squatter()]);
  const controller = new AbortController();
  const search = connect(ports, { signal: controller.signal, limits: { agent: 60_000 } });
  setImmediate(() => controller.abort(new Error('left the page')));
  await assert.rejects(search, /left the page/);
});

test('refuses an id that is not a hash', async () => {
  await assert.rejects(connect({}, { certificate: 'first' }), TypeError);
});
