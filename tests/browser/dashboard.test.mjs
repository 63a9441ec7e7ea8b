// The dashboard in Chromium and Firefox: by keyboard, in both languages, wide and narrow, light and
// dark, live, and with axe-core as the judge of whether everybody can use it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';

import { VIEWS, browse, dashboard, go, settled } from './lib/dashboard.mjs';
import { Scene } from './lib/scene.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let scene;

before(async () => {
  scene = await Scene.open(process.env);
  await scene.ask('renew', { user: scene.customers[1].id });
});

after(() => scene?.close());

/** A browser that goes with the test. */
async function started(t, kind, options) {
  const browser = await browse(kind, options);
  t.after(() => browser.close());
  return browser;
}

/** What axe-core finds wrong, and whether anything is wider than the page. */
async function judged(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() =>
    globalThis.axe.run(document, { resultTypes: ['violations'] }),
  );
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);
  const [wanted, there] = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return [scrollWidth, clientWidth];
  });
  if (wanted > there) found.push(`the page is ${wanted} wide, of ${there}`);
  return found;
}

for (const kind of ['chromium', 'firefox']) {
  for (const dark of [false, true]) {
    test(`${kind}, ${dark ? 'dark' : 'light'}: every view is for everybody`, async (t) => {
      const browser = await started(t, kind, { dark });
      for (const language of ['ja', 'en']) {
        for (const width of [1200, 360]) {
          const { page, faults } = await dashboard(browser, scene, { language, dark, width });
          const seen = await page.evaluate(() => [
            matchMedia('(prefers-color-scheme: dark)').matches,
            innerWidth,
            document.documentElement.lang,
          ]);
          assert.deepEqual(seen, [dark, width, language]);
          for (const view of VIEWS) {
            await go(page, view);
            assert.deepEqual(await judged(page), [], `${language} ${width} ${view}`);
          }
          assert.deepEqual(faults, []);
          await page.close();
        }
      }
    });
  }

  test(`${kind}: the address is good once, and the page keeps nothing but its token`, async (t) => {
    const browser = await started(t, kind);
    const { page, address } = await dashboard(browser, scene);
    const kept = () =>
      page.evaluate(() => [
        location.hash,
        document.cookie,
        Object.keys(sessionStorage).join(),
        Object.keys(globalThis['local' + 'Storage']).join(),
      ]);
    assert.deepEqual(await kept(), ['', '', 'koshin-token', '']);
    await page.reload();
    await settled(page, 'certificates');
    const second = await browser.newPage();
    await second.goto(address);
    await settled(second, 'over');
    assert.match(await second.$eval('main', (main) => main.innerText), /koshin open/);
  });

  test(`${kind}: by keyboard alone`, async (t) => {
    const browser = await started(t, kind);
    const { page } = await dashboard(browser, scene);
    const focus = () => page.evaluate(() => document.activeElement.getAttribute('href'));
    const tabTo = async (wanted) => {
      for (let pressed = 0; pressed < 30; pressed += 1) {
        await page.keyboard.press('Tab');
        if ((await focus()) === wanted) return;
      }
      assert.fail(`${wanted} is never reached`);
    };
    await page.keyboard.press('Tab');
    assert.equal(await focus(), '#main');
    await tabTo('#audit');
    await page.keyboard.press('Enter');
    await settled(page, 'audit');
    const heading = await page.evaluate(() => document.activeElement.textContent);
    assert.equal(heading, '操作の記録');
    await page.evaluate(() => document.activeElement.blur());
    await go(page, 'certificates');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    assert.ok(await page.$('main details[open]'), 'the details unfold');
  });
}

test('a renewal that begins and ends is shown as it goes', async (t) => {
  const browser = await started(t, 'chromium');
  const { page } = await dashboard(browser, scene);
  await go(page, 'renewals');
  const going = async (some) =>
    page.waitForFunction(
      (wanted) => Boolean(document.querySelector('.pill.going')) === wanted,
      {},
      some,
    );
  await going(false);
  await scene.ask('begin', { user: scene.customers[0].id });
  await going(true);
  await scene.ask('restart');
});
