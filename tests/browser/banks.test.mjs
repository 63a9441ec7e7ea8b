// Two banks with one CA, and an ID of each on one token: two windows of one browser, in which both
// are renewed at once.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { temporaryFolder } from './lib/process.mjs';
import { Scene } from './lib/scene.mjs';
import { Screen } from './lib/screen.mjs';
import { Customer } from './lib/walk.mjs';

const NAMES = ['みほん信用金庫', 'べつの信用金庫'];

test('two IDs at two banks are renewed at once in two windows', async (t) => {
  const undo = [];
  t.after(async () => {
    for (const step of undo.reverse()) await step();
  });
  const screen = await Screen.open(temporaryFolder('pictures'));
  undo.push(() => screen.close());
  const office = await Scene.open(screen.environment, {}, 'office');
  undo.push(() => office.close());

  const first = new Customer(office.at(0), screen);
  await first.open();
  undo.push(() => first.close());
  const second = await first.window(office.at(1));
  const customers = [first, second];
  for (const [index, customer] of customers.entries()) {
    const { id, serial } = office.banks[index];
    await customer.page.bringToFront();
    await customer.arrive(serial, { locked: index === 0 });
    await customer.login(id);
    await customer.toRenewal();
    await customer.allowLocalAccess();
    await customer.shown('start');
  }

  const [pipe] = await office.ask('answers');
  await first.page.bringToFront();
  await first.page.click('#renew');
  const agree = await office.opened(pipe);
  // While the first bank's dialog stands, the second bank's renewal begins.
  await second.page.bringToFront();
  await second.page.click('#renew');
  await second.shown('work');
  await agree();
  for (const customer of customers) await customer.page.waitForSelector('#close');

  const issued = await office.ask('issued');
  for (const [index, customer] of customers.entries()) {
    const [renewed, old] = issued[index];
    assert.equal(await customer.newSerial(), renewed.serial);
    assert.equal(renewed.status, 'delivered');
    assert.deepEqual(old, { serial: office.banks[index].serial, status: 'active' });
  }
  const asked = await office.ask('asked');
  assert.equal(asked.length, 6, 'three dialogs for each');
  for (const [index, name] of NAMES.entries()) {
    const own = asked.filter((text) => text.includes(name));
    assert.equal(own.length, 3);
    assert.ok(own[0].includes(office.banks[index].ca), own[0]);
  }
});
