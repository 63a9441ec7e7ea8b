// Chromium with a throwaway home: the demo CA, the names of the bank's hosts, the token's module.

import { mkdir } from 'node:fs/promises';
import path from 'node:path';

import puppeteer from 'puppeteer-core';

import { trust } from './nss.mjs';

/** Makes the database that Chromium reads: trusts `authority` (PEM file), loads `module`. */
export async function prepareHome(home, { authority, module }, environment) {
  const folder = path.join(home, '.pki/nssdb');
  await mkdir(folder, { recursive: true });
  await trust(folder, { authority, module }, { ...environment, HOME: home });
}

/**
 * The switches for the scene's hosts: `hosts` are names that live at `address`, and `origins`
 * counts as the public network, so that Chromium asks before a page may reach this PC.
 */
export function switches({ hosts, address, origins = [] }) {
  const mapped = hosts.map((host) => `MAP ${host} ${address}`);
  return [
    `--host-resolver-rules=${[...mapped, 'EXCLUDE 127.*', 'MAP * ~NOTFOUND'].join(', ')}`,
    `--ip-address-space-overrides=${origins.map((origin) => `${address}:${new URL(origin).port}=public`).join(',')}`,
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-quic',
    '--disable-sync',
    '--no-default-browser-check',
    '--no-first-run',
  ];
}

/** Starts Chromium with an open page. `environment` names the home, the display and the token. */
export async function launch(home, args, environment, { headless = false } = {}) {
  return puppeteer.launch({
    executablePath: '/usr/bin/chromium',
    headless,
    userDataDir: path.join(home, 'chromium'),
    defaultViewport: null,
    env: { ...environment, HOME: home },
    args: [
      ...args,
      // --test-type keeps a bar that warns of unusual switches out of the pictures.
      ...(headless ? [] : ['--test-type', '--force-renderer-accessibility']),
      ...(process.getuid() === 0 ? ['--no-sandbox'] : []),
      '--disable-gpu',
      '--window-position=0,0',
      '--window-size=1280,900',
    ],
    ignoreDefaultArgs: ['--enable-automation'],
  });
}
