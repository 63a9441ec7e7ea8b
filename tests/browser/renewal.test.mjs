// The bank's pages in Chromium with a token: whole renewals, and everything that ends one.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { stage, stageAtStart } from './lib/stage.mjs';

test('a certificate is renewed, and the browser logs in with the new one after a restart', async (t) => {
  const { scene, customer, id } = await stageAtStart(t);
  await customer.renew();
  const renewed = await customer.newSerial();

  await customer.reopen();
  await customer.arrive(renewed);
  await customer.login(id);
  await customer.tellFirstLogin();
  const login = await scene.lastLogin(id);
  assert.deepEqual([login.serial, login.status], [renewed, 200]);
});

for (const [what, answers, screen, code] of [
  ['no to making a key', ['no'], 'declined', 'consent-declined'],
  ['no to installing the certificate', ['yes', 'pin', 'no'], 'declined', 'install-declined'],
  ['a closed dialog', ['cancel'], 'declined', 'prompt-cancelled'],
  ['a PIN that is wrong three times', ['yes', 'wrong-pin', 'wrong-pin', 'wrong-pin'], 'failed', 'pin-incorrect'],
  ['a PIN that is not known', ['yes', 'forgotten'], 'failed', 'pin-unknown'],
]) {
  test(`${what} has a screen from which the next try succeeds`, async (t) => {
    const { scene, customer } = await stageAtStart(t);
    const before = await scene.ask('objects');
    await scene.ask('answers', { answers });
    await customer.page.click('#renew');
    await customer.shown(screen);
    assert.equal(await customer.code(), code);
    assert.deepEqual(await scene.ask('objects'), before, 'nothing is left on the token');

    await customer.page.click(`section[data-screen="${screen}"] [data-do="prepare"]`);
    await customer.renew();
  });
}

test('a certificate for another key is refused, and the CA hears of it', async (t) => {
  const { scene, customer } = await stageAtStart(t);
  await scene.ask('wrong-key', { on: true });
  await scene.ask('answers', { answers: ['yes', 'pin'] });
  await customer.page.click('#renew');
  await customer.shown('failed');
  assert.equal(await customer.code(), 'certificate-key-mismatch');
  const revoked = 'section[data-screen="failed"] [data-revoked]:not([hidden])';
  assert.ok(await customer.page.$(revoked), 'the page says that what was issued is revoked');

  await scene.ask('wrong-key', { on: false });
  await customer.page.click('section[data-screen="failed"] [data-do="prepare"]');
  await customer.renew();
});

test('a page that is reloaded while a dialog stands finds its renewal again', async (t) => {
  const { scene, customer } = await stageAtStart(t);
  const [consent, pin, install] = await scene.hold(['yes', 'pin', 'yes']);
  for (const dialog of [consent, pin, install]) {
    await customer.page.click('#renew');
    const answer = await dialog();
    await customer.page.reload();
    await customer.shown('start');
    assert.ok(await customer.page.$('#resume:not([hidden])'), 'the page knows that it goes on');
    await answer();
  }
  await customer.page.click('#renew');
  await customer.page.waitForSelector('#close');
  const asked = await scene.ask('asked');
  assert.equal(asked.length, 3, 'no dialog came twice');
});

test('two tabs show one renewal, and both arrive', async (t) => {
  const { scene, customer } = await stageAtStart(t);
  const second = await customer.browser.newPage();
  await second.goto(`${scene.ca}/renewal`);
  await second.waitForSelector('#renewal[data-screen="start"]');
  const [consent, pin, install] = await scene.hold(['yes', 'pin', 'yes']);
  await second.click('#renew');
  const answer = await consent();
  await customer.page.bringToFront();
  await customer.page.click('#renew');
  await answer();
  for (const dialog of [pin, install]) await (await dialog())();
  await customer.page.waitForSelector('#close');
  const asked = await scene.ask('asked');
  assert.equal(asked.length, 3, 'one renewal asks once');
});

test('a browser that is closed in the middle goes on after the next login', async (t) => {
  const { scene, customer, id, serial } = await stageAtStart(t);
  const [consent, pin, install] = await scene.hold(['yes', 'pin', 'yes']);
  await customer.page.click('#renew');
  const agree = await consent();
  await customer.reopen();
  await agree();
  await customer.arrive(serial);
  await customer.login(id);
  await customer.toRenewal({ asks: false });
  await customer.shown('start');
  await customer.page.click('#renew');
  for (const dialog of [pin, install]) await (await dialog())();
  await customer.page.waitForSelector('#close');
});

test('a blocked permission is told apart from a missing agent', async (t) => {
  const { screen, customer, id, serial } = await stage(t);
  await customer.arrive(serial);
  await customer.login(id);
  await customer.toRenewal();
  await screen.dialog('press', 'Block');
  await customer.shown('denied');
});

test("a late answer to the browser's question is enough to go on", async (t) => {
  const { screen, customer, id, serial } = await stage(t);
  await customer.page.evaluateOnNewDocument((patience) => {
    // The two minutes that the page waits for the person are over at once.
    const hurry = (timer, page, [then, wait]) => timer(then, wait === patience ? 0 : wait);
    window.setTimeout = new Proxy(window.setTimeout, { apply: hurry });
  }, 120_000);
  await customer.arrive(serial);
  await customer.login(id);
  await customer.toRenewal({ asks: false });
  await customer.shown('permission-pending');
  await screen.dialog('press', 'Allow');
  await customer.shown('start');
});
