// A CA that answers later, in Chromium: in seconds, while the page waits, or once an officer has
// approved, with page, browser and agent closed meanwhile.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { stageAtStart } from './lib/stage.mjs';

const APPROVAL = { approval: 3600 };

/** To the page that says that everything may be closed. */
async function apply({ scene, customer }) {
  await customer.shown('start');
  await customer.applyForRenewal();
  assert.equal(new URL(customer.page.url()).pathname, '/renewal/pending');
  return scene.ask('asked');
}

test('a CA that answers in seconds is waited for, and the page goes on by itself', async (t) => {
  const { scene, customer } = await stageAtStart(t);
  await scene.ask('later', { answers: 2, seconds: 2 });
  const [consent, pin, install] = await scene.hold(['yes', 'pin', 'yes']);
  await customer.page.click('#renew');
  for (const dialog of [consent, pin]) await (await dialog())();
  await customer.page.waitForSelector('[data-waiting="bank"]:not([hidden])');
  await (await install())();
  await customer.page.waitForSelector('#close');
});

test('pending, reloaded, the browser closed and the agent killed: approved, it is received', async (t) => {
  const { scene, customer, id, serial } = await stageAtStart(t, APPROVAL);
  const before = await apply({ scene, customer });
  await customer.page.reload();
  await customer.page.waitForSelector('a[href="/renewal/pending"]');

  await customer.reopen();
  await scene.ask('restart');
  await customer.arrive(serial);
  await customer.login(id);
  await customer.toMain();
  await customer.page.waitForSelector('.callout.note form[action="/renewal"]');
  await customer.goOn();
  await customer.page.waitForSelector('a[href="/renewal/pending"]');

  await scene.ask('decide', { user: id, approve: true });
  await customer.seeWhetherApproved();
  assert.ok(await customer.page.$('section[data-screen="start"] .callout.good'), 'it says so');
  assert.deepEqual(await scene.ask('asked'), before, 'nobody was asked while it waited');
  await customer.receive();
  const renewed = await customer.newSerial();
  await customer.reopen();
  await customer.arrive(renewed);
  await customer.login(id);
  await customer.tellFirstLogin();
});

test('a session that ends while approval is pending costs nothing', async (t) => {
  const set = await stageAtStart(t, APPROVAL);
  const { scene, customer, id } = set;
  await apply(set);
  await scene.ask('advance', { seconds: 15 * 60 + 1 });
  await customer.page.click('a[href="/renewal/pending"]');
  await customer.page.waitForFunction(() => document.title.startsWith('時間切れ'));
  await scene.ask('advance', { seconds: -(15 * 60 + 1) });
  await scene.ask('decide', { user: id, approve: true });
  await Promise.all([customer.page.waitForNavigation(), customer.page.click('a.button')]);
  await customer.login(id);
  await customer.toRenewal({ asks: false });
  await customer.shown('start');
  await customer.receive({ pin: false });
});

test('refused: the new pair goes, the old certificate logs in, the next request succeeds', async (t) => {
  const set = await stageAtStart(t, APPROVAL);
  const { scene, customer, id, serial } = set;
  const before = await scene.ask('objects');
  await apply(set);
  await scene.ask('decide', { user: id, approve: false });
  await customer.seeWhetherApproved();
  assert.ok(await customer.page.$('section[data-screen="start"] .callout.attention'), 'it says so');
  // 更新 gives the old request up, and is a new one.
  await apply(set);
  const login = await scene.lastLogin(id);
  assert.deepEqual([login.serial, login.status], [serial, 200]);
  const pair = ['Private Key Object', 'Public Key Object'];
  const now = await scene.ask('objects');
  assert.deepEqual(now.sort(), [...before, ...pair].sort(), 'one new pair, not two');

  await scene.ask('decide', { user: id, approve: true });
  await customer.seeWhetherApproved();
  await customer.receive({ pin: false });
});

test('approved and issued for another key: the CA hears of it, and the next request is a new one', async (t) => {
  const set = await stageAtStart(t, APPROVAL);
  const { scene, customer, id } = set;
  const before = await scene.ask('objects');
  await apply(set);
  await scene.ask('decide', { user: id, approve: true });
  await customer.seeWhetherApproved();
  await scene.ask('wrong-key', { on: true });
  await customer.page.click('#renew');
  await customer.shown('failed');
  assert.equal(await customer.code(), 'certificate-key-mismatch');
  await scene.ask('wrong-key', { on: false });
  await customer.page.click('section[data-screen="failed"] [data-do="prepare"]');
  await apply(set);
  const pair = ['Private Key Object', 'Public Key Object'];
  const now = await scene.ask('objects');
  assert.deepEqual(now.sort(), [...before, ...pair].sort(), 'one new pair, not two');
});
