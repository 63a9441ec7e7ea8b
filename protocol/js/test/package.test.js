import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

test('the package has the modules, their types, the example, and nothing else', () => {
  const { stdout } = spawnSync('npm', ['pack', '--dry-run', '--json'], { cwd: root });
  const [{ files }] = JSON.parse(stdout.toString());
  const list = (folder, end) =>
    readdirSync(`${root}${folder}`)
      .filter((name) => name.endsWith(end))
      .map((name) => `${folder}/${name}`);
  const expected = [
    'README.md',
    'package.json',
    ...list('src', '.js'),
    ...list('types', '.d.ts'),
    ...list('example', ''),
  ];
  assert.deepEqual(files.map(({ path }) => path).sort(), expected.sort());
});

test('a project that installs the package finds its modules and their types', () => {
  const folder = mkdtempSync(join(tmpdir(), 'koshin-sdk-'));
  try {
    run('npm', ['pack', '--pack-destination', folder], root);
    const [archive] = readdirSync(folder);
    assert.match(archive, /^koshin-sdk-\d+\.\d+\.\d+\.tgz$/);
    writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
    run('npm', ['install', '--offline', '--no-audit', '--no-fund', `./${archive}`], folder);
    writeFileSync(
      join(folder, 'bank.js'),
      `import { Koshin, KoshinError } from 'koshin-sdk';
       import { explain } from 'koshin-sdk/explain';
       console.log([Koshin.connect, KoshinError, explain].map((item) => typeof item).join());`,
    );
    assert.equal(run(process.execPath, ['bank.js'], folder).trim(), 'function,function,function');
    writeFileSync(
      join(folder, 'bank.ts'),
      `import { Koshin } from 'koshin-sdk';
       import { explain } from 'koshin-sdk/explain';
       const koshin = await Koshin.connect({ certificate: '', language: 'ja' });
       if (koshin.status !== 'ready') explain(koshin, 'ja').title.toUpperCase();`,
    );
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const strict = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2022'];
    run(process.execPath, [tsc, ...strict, '--lib', 'es2022,dom', 'bank.ts'], folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
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

/**
 * @param {string} program
 * @param {string[]} args
 * @param {string} cwd
 */
function run(program, args, cwd) {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8' });
  assert.equal(status, 0, `${program} ${args.join(' ')}\n${stdout}${stderr}`);
  return stdout;
}
