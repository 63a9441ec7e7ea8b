// 電子証明書取得 in Chromium: from the login screen by the bank's one-time code.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { stage } from './lib/stage.mjs';

async function stageAtStart(t) {
  const set = await stage(t);
  await set.customer.arrive(set.serial);
  await set.customer.toAcquisition(set.id);
  await set.customer.allowLocalAccess();
  await set.customer.shown('start');
  return set;
}

test('a certificate is acquired, and the browser logs in with it after a restart', async (t) => {
  const { scene, customer, id } = await stageAtStart(t);
  const { code } = await scene.ask('code', { user: id });
  await customer.acquire(code);
  const acquired = await customer.newSerial();

  await customer.reopen();
  await customer.arrive(acquired);
  await customer.login(id);
  const login = await scene.lastLogin(id);
  assert.deepEqual([login.serial, login.status], [acquired, 200]);
});

test('a wrong code has a screen from which the right one succeeds', async (t) => {
  const { scene, customer, id } = await stageAtStart(t);
  const { code } = await scene.ask('code', { user: id });
  const before = await scene.ask('objects');
  await scene.ask('answers', { answers: ['yes', 'type 0000-0000-0000-0000', 'pin'] });
  await customer.page.click('#renew');
  await customer.shown('failed');
  assert.equal(await customer.code(), 'wrong-code');
  assert.deepEqual(await scene.ask('objects'), before, 'nothing is left on the token');
  const html = await customer.page.content();
  assert.ok(!html.includes('0000-0000-0000-0000'), 'the page never saw the code');

  await customer.page.click('section[data-screen="failed"] [data-do="prepare"]');
  await customer.acquire(code);
});
