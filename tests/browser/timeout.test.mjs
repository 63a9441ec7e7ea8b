// The session's end at every screen of the CA's page, in Chromium: the page says so, and from the
// bank's site it goes again, with what the agent has already.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { stage, stageAtStart } from './lib/stage.mjs';

/** The bank's limit, and a second. */
const TOO_LONG = 15 * 60 + 1;

/**
 * Leaves the page alone for too long while `meanwhile` happens, until the session is over. The
 * bank's clock goes back then: the agent's and the browser's have not moved.
 */
async function leaveAlone({ scene, customer }, meanwhile) {
  await scene.ask('advance', { seconds: TOO_LONG });
  await meanwhile();
  await customer.shown('session');
  assert.equal(await customer.code(), 'session-ended');
  await scene.ask('advance', { seconds: -TOO_LONG });
}

/** From the screen that says so over the bank's login to the page of the renewal. */
async function startAgain({ customer, id }) {
  const button = 'section[data-screen="session"] a.button';
  await Promise.all([customer.page.waitForNavigation(), customer.page.click(button)]);
  await customer.login(id);
  await customer.toRenewal({ asks: false });
  await customer.shown('start');
}

test('at 電子証明書更新開始: 更新 says so, a reload too, and the next start succeeds', async (t) => {
  const set = await stageAtStart(t);
  const { scene, customer, id } = set;
  await leaveAlone(set, () => customer.page.click('#renew'));
  assert.deepEqual(await scene.ask('asked'), [], 'the agent was not asked');

  await customer.page.reload();
  const title = await customer.page.$eval('h1', (heading) => heading.textContent);
  assert.equal(title, '時間切れになりました');
  await Promise.all([customer.page.waitForNavigation(), customer.page.click('a.button')]);
  await customer.login(id);
  await customer.toRenewal({ asks: false });
  await customer.renew();
});

test('at 電子証明書更新前処理中, while the browser asks', async (t) => {
  const set = await stage(t);
  const { customer, id, serial } = set;
  await customer.arrive(serial);
  await customer.login(id);
  await customer.toRenewal();
  await leaveAlone(set, async () => {
    await customer.allowLocalAccess();
    await customer.shown('start');
    await customer.page.click('#renew');
  });
  await startAgain(set);
  await customer.renew();
});

for (const [what, answered] of [
  ['the first dialog of the agent', 0],
  ['its PIN dialog', 1],
]) {
  test(`while ${what} stands: the request is ready for the next session`, async (t) => {
    const set = await stageAtStart(t);
    const { scene, customer } = set;
    const dialogs = await scene.hold(['yes', 'pin', 'yes']);
    await customer.page.click('#renew');
    for (const dialog of dialogs.slice(0, answered)) await (await dialog())();
    const answer = await dialogs[answered]();
    await leaveAlone(set, async () => {
      await answer();
      for (const dialog of dialogs.slice(answered + 1, 2)) await (await dialog())();
    });
    await startAgain(set);
    assert.ok(await customer.page.$('#resume:not([hidden])'), 'the page knows that it goes on');
    await customer.page.click('#renew');
    await (await dialogs[2]())();
    await customer.page.waitForSelector('#close');
    assert.equal((await scene.ask('asked')).length, 3, 'no dialog came twice');
  });
}

test('while the CA is waited for', async (t) => {
  const set = await stageAtStart(t);
  const { scene, customer } = set;
  await scene.ask('later', { answers: 1, seconds: 3 });
  const [consent, pin, install] = await scene.hold(['yes', 'pin', 'yes']);
  await customer.page.click('#renew');
  for (const dialog of [consent, pin]) await (await dialog())();
  await customer.page.waitForSelector('[data-waiting="bank"]:not([hidden])');
  await leaveAlone(set, async () => {});
  await startAgain(set);
  await customer.page.click('#renew');
  await (await install())();
  await customer.page.waitForSelector('#close');
});

test('while the second dialog stands: what is installed is handed in by the next session', async (t) => {
  const set = await stageAtStart(t);
  const { scene, customer } = set;
  const [consent, pin, install] = await scene.hold(['yes', 'pin', 'yes']);
  await customer.page.click('#renew');
  for (const dialog of [consent, pin]) await (await dialog())();
  const agree = await install();
  await leaveAlone(set, agree);
  await startAgain(set);
  await customer.page.click('#renew');
  await customer.page.waitForSelector('#close');
  assert.equal((await scene.ask('asked')).length, 3, 'no dialog came twice');
});

test('at a screen that says what went wrong', async (t) => {
  const set = await stageAtStart(t);
  const { scene, customer } = set;
  await scene.ask('answers', { answers: ['no'] });
  await customer.page.click('#renew');
  await customer.shown('declined');
  await leaveAlone(set, async () => {
    await customer.page.click('section[data-screen="declined"] [data-do="prepare"]');
    await customer.shown('start');
    await customer.page.click('#renew');
  });
  await startAgain(set);
  await customer.renew();
});

test('in an acquisition: at its start, and while the code is typed', async (t) => {
  const set = await stage(t);
  const { scene, customer, id, serial } = set;
  await customer.arrive(serial);
  await customer.toAcquisition(id);
  await customer.allowLocalAccess();
  await customer.shown('start');
  await leaveAlone(set, () => customer.page.click('#renew'));
  const { code } = await scene.ask('code', { user: id });
  const again = async () => {
    const button = 'section[data-screen="session"] a.button';
    await Promise.all([customer.page.waitForNavigation(), customer.page.click(button)]);
    await customer.toAcquisition(id, { asks: false });
    await customer.shown('start');
  };
  await again();
  const [consent, typed, pin, install] = await scene.hold(['yes', `type ${code}`, 'pin', 'yes']);
  await customer.page.click('#renew');
  await leaveAlone(set, async () => {
    for (const dialog of [consent, typed, pin]) await (await dialog())();
  });
  // The request that carries the code is ready, and the code is not asked for again.
  await again();
  await customer.page.click('#renew');
  await (await install())();
  await customer.page.waitForSelector('#close');
  assert.equal((await scene.ask('asked')).length, 4, 'no dialog came twice');
});
