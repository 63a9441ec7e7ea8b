// Pictures of the dashboard for whoever looks them over, in target/screens.

import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { VIEWS, browse, dashboard, go } from './lib/dashboard.mjs';
import { Scene } from './lib/scene.mjs';

const target = process.env.CARGO_TARGET_DIR ?? fileURLToPath(new URL('../../target', import.meta.url));
const folder = path.join(target, 'screens');
const LOOKS = [
  { language: 'ja', dark: false, width: 1200 },
  { language: 'en', dark: true, width: 1200 },
  { language: 'ja', dark: true, width: 360 },
  { language: 'en', dark: false, width: 360 },
];

mkdirSync(folder, { recursive: true });
const scene = await Scene.open(process.env);
try {
  await scene.ask('renew', { user: scene.customers[1].id });
  const browser = await browse('chromium');
  const pictures = async (views) => {
    for (const look of LOOKS) {
      const { page } = await dashboard(browser, scene, look);
      for (const view of views) {
        await go(page, view);
        const { language, dark, width } = look;
        const name = `dashboard-${view}-${language}-${dark ? 'dark' : 'light'}-${width}.png`;
        await page.screenshot({ path: path.join(folder, name), fullPage: true });
      }
      await page.close();
    }
  };
  await pictures(VIEWS.filter((view) => view !== 'renewals'));
  await scene.ask('begin', { user: scene.customers[0].id });
  await pictures(['renewals']);
  await browser.close();
} finally {
  await scene.close();
}
