import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

test('the package has the modules, their types, and nothing else', () => {
  const { stdout } = spawnSync('npm', ['pack', '--dry-run', '--json'], { cwd: root });
  const [{ files }] = JSON.parse(stdout.toString());
  const list = (folder, end) =>
    readdirSync(`${root}${folder}`)
      .filter((name) => name.endsWith(end))
      .map((name) => `${folder}/${name}`);
  const expected = ['README.md', 'package.json', ...list('src', '.js'), ...list('types', '.d.ts')];
  assert.deepEqual(files.map(({ path }) => path).sort(), expected.sort());
});

test('the modules need nothing but each other', () => {
  for (const name of readdirSync(`${root}src`)) {
    if (!name.endsWith('.js')) continue;
    const text = readFileSync(`${root}src/${name}`, 'utf8');
    for (const [, from] of text.matchAll(/^(?:import|export) [^;]*?from '(.*)';$/gm)) {
      assert.match(from, /^\.\/[a-z]+\.js$/, name);
    }
    assert.doesNotMatch(text, /document\.cookie|localStorage|sessionStorage|\beval\b/, name);
  }
});
