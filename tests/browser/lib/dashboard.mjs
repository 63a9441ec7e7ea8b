// The dashboard in a browser without a window.

import path from 'node:path';

import puppeteer from 'puppeteer-core';

import { temporaryFolder } from './process.mjs';

/** The views by the names in their addresses. */
export const VIEWS = ['certificates', 'renewals', 'tokens', 'audit', 'settings', 'doctor'];

/** Starts Chromium or Firefox for a reader of `language`, in light or dark. */
export async function browse(kind, { language = 'ja', dark = false } = {}) {
  if (kind === 'firefox') {
    return puppeteer.launch({
      browser: 'firefox',
      executablePath: '/usr/bin/firefox-esr',
      headless: true,
      userDataDir: temporaryFolder('firefox'),
      extraPrefsFirefox: {
        'layout.css.prefers-color-scheme.content-override': dark ? 0 : 1,
        'intl.accept_languages': language,
        'datareporting.policy.dataSubmissionEnabled': false,
      },
    });
  }
  return puppeteer.launch({
    executablePath: '/usr/bin/chromium',
    headless: true,
    env: { ...process.env, HOME: temporaryFolder('chromium') },
    args: [
      `--user-data-dir=${path.join(temporaryFolder('chromium'), 'profile')}`,
      `--accept-lang=${language}`,
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-gpu',
      '--disable-sync',
      '--force-prefers-reduced-motion',
      '--hide-scrollbars',
      '--no-first-run',
      ...(dark ? ['--force-dark-mode'] : []),
      ...(process.getuid() === 0 ? ['--no-sandbox'] : []),
    ],
  });
}

/** A page with the dashboard of the scene, in a language and a width. */
export async function dashboard(browser, scene, { language = 'ja', dark, width = 1200 } = {}) {
  const page = await browser.newPage();
  await page.setViewport({ width, height: 860, deviceScaleFactor: 1 });
  if (dark !== undefined && (await browser.version()).startsWith('Chrome')) {
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }]);
  }
  const faults = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  const { address, error } = await scene.ask('dashboard');
  if (error) throw new Error(error);
  await page.goto(address.replace(/\/(ja|en)#/, `/${language}#`));
  await settled(page, 'certificates');
  return { page, faults, address };
}

/** Waits until a view is there with its data. */
export async function settled(page, view) {
  await page.waitForSelector(`main[data-name="${view}"]`, { timeout: 60000 });
}

/** Goes to a view by its link. */
export async function go(page, view) {
  await page.$eval(`nav a[href="#${view}"]`, (link) => link.click());
  await settled(page, view);
}
