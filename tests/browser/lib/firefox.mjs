// Firefox with a throwaway profile: the demo CA, the names of the bank's hosts, the token's module.

import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import puppeteer from 'puppeteer-core';

import { trust } from './nss.mjs';

const PROGRAM = '/usr/bin/firefox-esr';

/** The title of the window in which the PIN is typed. */
export const UNLOCK = 'Password Required';

/** Driven by a program, it takes a certificate that fits; a person is asked. */
export const ASKS_WHICH = false;

/** Makes a profile in `home` that trusts `authority` (PEM file) and loads `module`, if given. */
export async function prepareHome(home, { authority, module }, environment) {
  const profile = path.join(home, 'firefox');
  await mkdir(profile, { recursive: true });
  await trust(profile, { authority, module }, { ...environment, HOME: home });
}

/** The preferences for the scene: every name is at `address`; `origins` are the public network. */
function preferences({ address, origins = [] }) {
  const places = origins.map((origin) => `${address}:${new URL(origin).port}`);
  return {
    'network.dns.forceResolve': address,
    'network.lna.address_space.public.override': places.join(','),
    'intl.accept_languages': 'ja,en',
    // Seconds: the person chooses a certificate and types the PIN in the middle of a handshake.
    'network.http.tls-handshake-timeout': 300,
    // No offers to translate the pages or to keep the password, and no page beside ours.
    'browser.translations.enable': false,
    'signon.rememberSignons': false,
    'datareporting.policy.dataSubmissionEnabled': false,
    'datareporting.policy.firstRunURL': '',
  };
}

/** The command that opens Firefox for a person at `url`. */
export async function command(home, sites, url) {
  const lines = Object.entries(preferences(sites)).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`,
  );
  await writeFile(path.join(home, 'firefox/user.js'), lines.join(''));
  return [PROGRAM, ['--no-remote', '--profile', path.join(home, 'firefox'), url]];
}

/** Starts Firefox for a program, with an open page, on the display that `environment` names. */
export async function launch(home, sites, environment) {
  return puppeteer.launch({
    browser: 'firefox',
    executablePath: PROGRAM,
    headless: false,
    userDataDir: path.join(home, 'firefox'),
    defaultViewport: null,
    env: { ...environment, HOME: home },
    extraPrefsFirefox: {
      'security.default_personal_cert': 'Select Automatically',
      ...preferences(sites),
    },
    args: ['--width=1280', '--height=900'],
  });
}
