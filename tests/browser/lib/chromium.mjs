// Chromium with a throwaway home: the demo CA, the names of the bank's hosts, the token's module.

import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import puppeteer from 'puppeteer-core';

import { trust } from './nss.mjs';

const PROGRAM = '/usr/bin/chromium';

/** The title of the window in which the PIN is typed. */
export const UNLOCK = 'Unlock Security Device';

/** Whether it asks which certificate to show. */
export const ASKS_WHICH = true;

/** Makes the database that Chromium reads: trusts `authority` (PEM file), loads `module`. */
export async function prepareHome(home, { authority, module }, environment) {
  const folder = path.join(home, '.pki/nssdb');
  await mkdir(folder, { recursive: true });
  await trust(folder, { authority, module }, { ...environment, HOME: home });
  // No offers to translate the pages or to keep the password.
  const profile = path.join(home, 'chromium/Default');
  await mkdir(profile, { recursive: true });
  const preferences = {
    credentials_enable_service: false,
    intl: { accept_languages: 'ja,en' },
    profile: { password_manager_enabled: false },
    translate: { enabled: false },
  };
  await writeFile(path.join(profile, 'Preferences'), JSON.stringify(preferences));
}

/**
 * The switches for the scene's hosts: `hosts` are names that live at their `addresses`, and
 * `origins` counts as the public network, so that Chromium asks before a page may reach this PC.
 */
function switches({ hosts, addresses, origins = [] }) {
  const mapped = hosts.map((host) => `MAP ${host} ${addresses[host]}`);
  const places = origins.map((origin) => new URL(origin));
  const open = places.map(({ hostname, port }) => `${addresses[hostname]}:${port}=public`);
  return [
    `--host-resolver-rules=${[...mapped, 'EXCLUDE 127.*', 'MAP * ~NOTFOUND'].join(', ')}`,
    `--ip-address-space-overrides=${open.join(',')}`,
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-quic',
    '--disable-sync',
    '--no-default-browser-check',
    '--no-first-run',
  ];
}

/** The command that opens Chromium for a person at `url`. */
export async function command(home, sites, url) {
  return [PROGRAM, [...switches(sites), ...always(home), url]];
}

/**
 * Starts Chromium for a program, with an open page. `environment` names the home, the display and
 * the token. Its own dialogs can then be read by dialogs.py.
 */
export async function launch(home, sites, environment) {
  return puppeteer.launch({
    executablePath: PROGRAM,
    headless: false,
    defaultViewport: null,
    env: { ...environment, HOME: home },
    args: [
      ...switches(sites),
      ...always(home),
      '--force-prefers-reduced-motion',
      '--force-renderer-accessibility',
      '--window-position=0,0',
      '--window-size=1280,900',
    ],
    ignoreDefaultArgs: ['--enable-automation'],
  });
}

function always(home) {
  return [
    `--user-data-dir=${path.join(home, 'chromium')}`,
    '--disable-gpu',
    // No bar that warns of the unusual switches.
    '--test-type',
    // Chromium's sandbox refuses root.
    ...(process.getuid() === 0 ? ['--no-sandbox'] : []),
  ];
}
