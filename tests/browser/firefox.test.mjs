// The bank's pages in Firefox with a token.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as firefox from './lib/firefox.mjs';
import { stage } from './lib/stage.mjs';

test('Firefox renews a certificate from its login to the last page', async (t) => {
  const { scene, customer } = await stage(t, firefox);
  await customer.arrive();
  // The bank names the ID of the certificate that Firefox took.
  const id = await customer.page.$eval('#id', (field) => field.value);
  await customer.login(id);
  await customer.toRenewal();
  await customer.allowLocalAccess();
  await customer.renew();
  const old = scene.customers.find((known) => known.id === id);
  assert.notEqual(await customer.newSerial(), old.serial);
});
