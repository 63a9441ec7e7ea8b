// `make demo`: two IDs' certificates are renewed through the bank's pages in a real browser.
// With a display a person does it; with HEADLESS=1 this program does, and takes pictures.
// HEADLESS=1 SCENARIO=acquire acquires one with the bank's one-time code instead; SCENARIO=late
// renews after the expiry, within the bank's grace and past it; SCENARIO=pending waits for an officer.

import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { Scene } from './lib/scene.mjs';
import { Screen } from './lib/screen.mjs';
import { Customer } from './lib/walk.mjs';
import { guide } from './lib/guide.mjs';
import { SCENARIOS } from './lib/scenarios.mjs';

const PINENTRY = '/usr/bin/pinentry-gtk-2';
const PICTURES =
  process.env.PICTURES ?? fileURLToPath(new URL('../../target/demo', import.meta.url));

/** Like a code of the bank's, which it never gave. */
const WRONG_CODE = '0000-0000-0000-0000';

const acquires = process.env.SCENARIO === 'acquire';
const scenario = SCENARIOS[process.env.SCENARIO];

const display = process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY;
if (process.env.HEADLESS === '1') {
  await rm(PICTURES, { recursive: true, force: true });
  await walk(scenario);
  if (scenario === SCENARIOS.late) await walk(SCENARIOS['past-grace']);
  console.log(`demo: pictures in ${PICTURES}`);
} else if (display) {
  await guide(PINENTRY, scenario);
} else {
  console.error('error: there is no display\nhint: run: HEADLESS=1 make demo');
  process.exit(1);
}

async function walk(scenario) {
  const screen = await Screen.open(PICTURES);
  // The script answers the agent's dialogs; the real ones stand on the display meanwhile.
  const scene = await Scene.open({ ...screen.environment, KOSHIN_PINENTRY_SHOW: PINENTRY }, scenario?.rules);
  const one = acquires || scenario?.rules.grace;
  const customers = one ? scene.customers.slice(1) : scene.customers;
  for (const { id, serial } of customers) {
    try {
      if (scenario) await play(scenario, scene, screen, { id, serial });
      else await (acquires ? acquire : renew)(scene, screen, id, serial);
    } catch (error) {
      await screen.picture(`${id}-failed`);
      throw error;
    }
  }
  await scene.close();
  await screen.close();
}

async function play(scenario, scene, screen, { id, serial }) {
  const picture = (name) => screen.picture(`${scenario.prefix ?? ''}${id}-${name}`);
  const renewed = await scenario.play(new Customer(scene, screen, { picture }), { id, serial });
  const login = await scene.lastLogin(id);
  if (renewed === undefined) {
    if (login.status !== 403) throw new Error(`${id} got in: ${login.status}`);
    console.log(`demo: ok id=${id} refused=${login.certificate} login=${login.status}`);
    return;
  }
  if (login.serial !== renewed || renewed === serial || login.status !== 200) {
    throw new Error(`${id} logged in with ${login.serial}, ${login.status}`);
  }
  console.log(`demo: ok id=${id} old=${serial} new=${login.serial} login=${login.status}`);
}

async function renew(scene, screen, id, serial) {
  const picture = (name) => screen.picture(`${id}-${name}`);
  const customer = new Customer(scene, screen, { picture });
  await customer.open();
  await customer.arrive(serial);
  await customer.login(id);
  await customer.toRenewal();
  await customer.allowLocalAccess();
  await customer.renew();
  const renewed = await customer.newSerial();

  await customer.reopen();
  await customer.arrive(renewed);
  await customer.login(id);
  await customer.tellFirstLogin();
  await customer.close();

  const login = await scene.lastLogin(id);
  if (login.serial !== renewed || renewed === serial || login.status !== 200) {
    throw new Error(`${id} logged in with ${login.serial}, ${login.status}`);
  }
  console.log(`demo: ok id=${id} old=${serial} new=${login.serial} login=${login.status}`);
}

async function acquire(scene, screen, id, serial) {
  const picture = (name) => screen.picture(`acquire-${id}-${name}`);
  const customer = new Customer(scene, screen, { picture });
  await customer.open();
  await customer.arrive(serial);
  await customer.toAcquisition(id);
  await customer.allowLocalAccess();
  const { code } = await scene.ask('code', { user: id });
  await customer.acquire(code, { wrong: WRONG_CODE });
  const acquired = await customer.newSerial();

  await customer.reopen();
  await customer.arrive(acquired);
  await customer.login(id);
  await picture('bank-main');
  await customer.close();

  const login = await scene.lastLogin(id);
  if (login.serial !== acquired || acquired === serial || login.status !== 200) {
    throw new Error(`${id} logged in with ${login.serial}, ${login.status}`);
  }
  console.log(`demo: ok id=${id} acquired=${login.serial} login=${login.status}`);
}
