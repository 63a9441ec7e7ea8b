// The demo without a display: what `HEADLESS=1 make demo` promises.

import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { run } from './lib/process.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

test('the demo renews both IDs and leaves a picture of each screen and dialog', async () => {
  const said = await run('node', [here('demo.mjs')], { env: { ...process.env, HEADLESS: '1' } });
  const lines = said.split('\n').filter((line) => line.startsWith('demo: ok '));
  assert.deepEqual(
    lines.map((line) => /^demo: ok id=(\S+) old=\w+ new=\w+ login=200$/.exec(line)?.[1]),
    ['admin-01', 'keiri-01'],
  );
  const pictures = (await readdir(here('../../target/demo'))).sort();
  for (const id of ['admin-01', 'keiri-01']) {
    const screens = pictures.filter((name) => name.includes(id)).map((name) => name.slice(3));
    assert.deepEqual(
      screens,
      [
        'browser-unlocks-token',
        'browser-chooses-certificate',
        'bank-login',
        'bank-notice',
        'bank-main',
        'browser-asks-for-local-access',
        'ca-start',
        'agent-asks-for-consent',
        'agent-asks-for-pin',
        'agent-asks-to-install',
        'ca-done',
        'browser-unlocks-token',
        'browser-chooses-certificate',
        'bank-login',
        'browser-asks-for-local-access',
        'bank-main-after-renewal',
      ].map((name) => `${id}-${name}.png`),
    );
  }
});
