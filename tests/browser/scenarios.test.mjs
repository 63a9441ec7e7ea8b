// The demo's scenarios without a display: what `HEADLESS=1 SCENARIO=… make demo` promises.

import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { run } from './lib/process.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

/** Plays a scenario into a folder of its own: its last words, and the names of its pictures. */
async function play(scenario) {
  const folder = here(`../../target/demo-${scenario}`);
  const env = { ...process.env, HEADLESS: '1', SCENARIO: scenario, PICTURES: folder };
  const said = await run('node', [here('demo.mjs')], { env });
  const pictures = (await readdir(folder)).map((name) => name.slice(3));
  return { said: said.split('\n').filter((line) => line.startsWith('demo: ok ')), pictures };
}

test('late: renewed within the grace without the browser showing the certificate, refused past it', async () => {
  const { said, pictures } = await play('late');
  assert.match(said[0], /^demo: ok id=keiri-01 old=\w+ new=\w+ login=200$/);
  assert.equal(said[1], 'demo: ok id=keiri-01 refused=expired login=403');
  for (const name of [
    'keiri-01-bank-login-without-certificate.png',
    'keiri-01-bank-notice.png',
    'keiri-01-bank-main.png',
    'keiri-01-ca-done.png',
    'past-grace-keiri-01-bank-past-grace.png',
  ]) {
    assert.ok(pictures.includes(name), `${name} is not among ${pictures}`);
  }
});

test('pending: approved while the browser is closed, and refused', async () => {
  const { said, pictures } = await play('pending');
  assert.equal(said.length, 2);
  for (const line of said) assert.match(line, /old=\w+ new=\w+ login=200$/);
  for (const name of ['ca-pending', 'bank-main', 'ca-refused', 'ca-approved', 'ca-done']) {
    assert.ok(
      pictures.some((picture) => picture.endsWith(`-${name}.png`)),
      `${name} is not among ${pictures}`,
    );
  }
});
