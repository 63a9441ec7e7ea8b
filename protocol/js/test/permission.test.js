import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { explain } from '../src/explain.js';
import { Koshin } from '../src/koshin.js';
import { CERTIFICATE, FakeAgent, range } from './agent.js';

/** The browser's permission: its name, its state, and what the requests do meanwhile. */
class Browser extends EventTarget {
  asked = [];

  constructor(name, state) {
    super();
    this.name = name;
    this.state = state;
    this.pending = Promise.resolve();
  }

  query = async ({ name }) => {
    this.asked.push(name);
    if (name !== this.name) throw new TypeError(`no permission ${name}`);
    return this;
  };

  answer(state) {
    this.state = state;
    this.dispatchEvent(new Event('change'));
  }
}

/** @type {Browser} */
let browser;
const realFetch = globalThis.fetch;

// A browser lets requests hang while it asks, and fails them when it may not.
globalThis.fetch = async (url, init) => {
  await Promise.race([
    browser.pending,
    new Promise((_, reject) => {
      init.signal.addEventListener('abort', () => reject(init.signal.reason));
    }),
  ]);
  if (browser.state !== 'granted') throw new TypeError('Failed to fetch');
  return realFetch(url, init);
};

function install(next) {
  browser = next;
  Object.defineProperty(globalThis, 'navigator', {
    configurable: true,
    value: { permissions: next },
  });
  return next;
}

const LIMITS = { agent: 200, permission: 200 };
const connect = (ports, more) =>
  Koshin.connect({ certificate: CERTIFICATE, ...ports, limits: LIMITS, ...more });

beforeEach(() => install(new Browser('loopback-network', 'granted')));

test('asks for the permission by the names that browsers gave it, newest first', async () => {
  const { asked } = install(new Browser('local-network', 'prompt'));
  assert.equal(await Koshin.permission(), 'prompt');
  assert.deepEqual(asked, ['loopback-network', 'local-network-access', 'local-network']);
  install(new Browser('none of them', 'denied'));
  assert.equal(await Koshin.permission(), 'unknown');
});

test('waits for the answer to the question, and only then counts the time', async (t) => {
  const ports = await range(t, [new FakeAgent()]);
  const { promise, resolve } = withResolvers();
  install(new Browser('loopback-network', 'prompt')).pending = promise;
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  let prompts = 0;
  const search = connect(ports, {
    limits: { agent: 200, permission: 60_000 },
    onPermissionPrompt: () => {
      prompts += 1;
      setImmediate(() => {
        // Longer than a request may take.
        t.mock.timers.tick(59_000);
        browser.answer('granted');
        resolve();
      });
    },
  });
  assert.equal((await search).status, 'ready');
  assert.equal(prompts, 1);
});

test('says that the question was not answered', async (t) => {
  const ports = await range(t, [new FakeAgent()]);
  install(new Browser('loopback-network', 'prompt')).pending = new Promise(() => {});
  const koshin = await connect(ports);
  assert.equal(koshin.status, 'permission-pending');
  assert.equal(koshin.causes[0], 'permission-unanswered');
});

test('says that the question was closed', async (t) => {
  const ports = await range(t, [new FakeAgent()]);
  install(new Browser('loopback-network', 'prompt'));
  assert.equal((await connect(ports)).status, 'permission-pending');
});

test('tells of an answer that comes after the wait, and of a wait that is given up', async () => {
  install(new Browser('loopback-network', 'prompt'));
  const waiting = new AbortController();
  const late = Koshin.permissionAnswered(waiting.signal);
  setImmediate(() => browser.answer('granted'));
  assert.equal(await late, 'granted');

  install(new Browser('loopback-network', 'prompt'));
  setImmediate(() => waiting.abort());
  assert.equal(await Koshin.permissionAnswered(waiting.signal), 'prompt');
});

test('says that the person refused', async (t) => {
  const ports = await range(t, [new FakeAgent()]);
  const { promise, resolve } = withResolvers();
  install(new Browser('loopback-network', 'prompt')).pending = promise;
  const onPermissionPrompt = () =>
    setImmediate(() => {
      browser.answer('denied');
      resolve();
    });
  const koshin = await connect(ports, { onPermissionPrompt });
  assert.equal(koshin.status, 'denied');
  assert.deepEqual(koshin.causes, ['permission-refused']);
});

test('says that an earlier answer or a policy refuses', async (t) => {
  const ports = await range(t, [new FakeAgent()]);
  install(new Browser('local-network-access', 'denied'));
  const koshin = await connect(ports);
  assert.equal(koshin.status, 'denied');
  assert.deepEqual(koshin.causes, ['permission-refused', 'blocked-by-policy']);
});

test("blames the page's own policy when it forbids the request", async (t) => {
  const ports = await range(t, [null]);
  const page = new EventTarget();
  globalThis.document = /** @type {any} */ (page);
  t.after(() => Reflect.deleteProperty(globalThis, 'document'));
  const { query } = browser;
  browser.query = async (name) => {
    const violation = Object.assign(new Event('securitypolicyviolation'), {
      blockedURI: 'http://127.0.0.1:47110/v1/agent',
    });
    page.dispatchEvent(violation);
    return query(name);
  };
  const koshin = await connect(ports);
  assert.equal(koshin.status, 'not-reachable');
  assert.deepEqual(koshin.causes, ['page-policy']);
});

test('has words for each cause in both languages', () => {
  for (const language of ['ja', 'en']) {
    const { title, steps } = explain(
      { status: 'denied', causes: ['permission-refused', 'blocked-by-policy'] },
      language,
    );
    assert.ok(title);
    assert.ok(steps.every(({ text }) => text.length > 10));
  }
});

function withResolvers() {
  let resolve;
  const promise = new Promise((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
