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

test('a wrong code is asked for again, and the page says why', async (t) => {
  const { scene, customer, id } = await stageAtStart(t);
  const { code } = await scene.ask('code', { user: id });
  const answers = ['yes', 'type 0000-0000-0000-0000', 'pin', `type ${code}`, 'yes'];
  const [consent, wrong, pin, right, install] = await scene.hold(answers);
  await customer.page.click('#renew');
  for (const dialog of [consent, wrong, pin]) await (await dialog())();
  const again = await right();
  const note = await customer.page.waitForSelector('#refused-code:not([hidden])');
  assert.match(await note.evaluate((part) => part.textContent), /ワンタイムコードが違います/);
  const html = await customer.page.content();
  assert.ok(!html.includes('0000-0000-0000-0000'), 'the page never saw the code');
  await again();
  const last = await install();
  await customer.page.waitForSelector('#refused-code[hidden]');
  await last();
  await customer.page.waitForSelector('#close');
});

test('after a no to the installation the page says that the code is used up', async (t) => {
  const { scene, customer, id } = await stageAtStart(t);
  const { code } = await scene.ask('code', { user: id });
  const before = await scene.ask('objects');
  const used = (shown) =>
    customer.page.waitForSelector(
      `section[data-screen="declined"] [data-revoked="${shown}"]:not([hidden])`,
    );
  await scene.ask('answers', { answers: ['no'] });
  await customer.page.click('#renew');
  await customer.shown('declined');
  assert.match(await (await used('no')).evaluate((part) => part.textContent), /同じワンタイムコード/);

  await customer.page.click('section[data-screen="declined"] [data-do="prepare"]');
  await customer.shown('start');
  await scene.ask('answers', { answers: ['yes', `type ${code}`, 'pin', 'no'] });
  await customer.page.click('#renew');
  await customer.shown('declined');
  assert.match(await (await used('yes')).evaluate((part) => part.textContent), /使用済み/);
  assert.deepEqual(await scene.ask('objects'), before, 'nothing is left on the token');
});

test('a locked code has a screen that says what to do', async (t) => {
  const { scene, customer, id } = await stageAtStart(t);
  await scene.ask('code', { user: id });
  const wrong = Array(4).fill('type 0000-0000-0000-0000');
  await scene.ask('answers', { answers: ['yes', 'type 0000-0000-0000-0000', 'pin', ...wrong] });
  await customer.page.click('#renew');
  await customer.shown('failed');
  assert.equal(await customer.code(), 'code-locked');
  const text = await customer.page.$eval('section[data-screen="failed"]', (part) => part.innerText);
  assert.match(text, /新しいワンタイムコード/);
  assert.doesNotMatch(text, /同じコードで/);
});
