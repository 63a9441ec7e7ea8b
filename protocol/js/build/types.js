// Writes what is generated: src/messages.d.ts from the API's OpenAPI document, types/ from the
// sources. With --check it writes nothing and fails when the tree is out of date.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const check = process.argv.includes('--check');

const messages = messageTypes(JSON.parse(readFileSync(join(root, '../openapi.json'), 'utf8')));
const generated = new Map([['src/messages.d.ts', messages]]);
if (!check) writeFileSync(join(root, 'src/messages.d.ts'), messages);

const folder = mkdtempSync(join(tmpdir(), 'koshin-types-'));
try {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const options = ['-p', join(root, 'tsconfig.types.json'), '--outDir', folder];
  const { status } = spawnSync(process.execPath, [tsc, ...options], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
  generated.set('types/messages.d.ts', messages);
  for (const name of readdirSync(folder)) {
    generated.set(`types/${name}`, readFileSync(join(folder, name), 'utf8'));
  }
} finally {
  rmSync(folder, { recursive: true });
}

mkdirSync(join(root, 'types'), { recursive: true });
const stale = [...generated].filter(([name, text]) => read(name) !== text).map(([name]) => name);
const known = readdirSync(join(root, 'types')).map((name) => `types/${name}`);
const surplus = known.filter((name) => !generated.has(name));
if (check && stale.length + surplus.length > 0) {
  console.error(`out of date: ${[...stale, ...surplus].join(', ')}\nrenew with: npm run types`);
  process.exit(1);
}
if (!check) {
  for (const name of stale) writeFileSync(join(root, name), generated.get(name) ?? '');
  for (const name of surplus) rmSync(join(root, name));
}

/** @param {string} name */
function read(name) {
  try {
    return readFileSync(join(root, name), 'utf8');
  } catch {
    return null;
  }
}

/** @param {any} document */
function messageTypes(document) {
  const schemas = Object.entries(document.components.schemas);
  const types = schemas.map(
    ([name, schema]) => `${comment(schema, '')}export type ${name} = ${typeOf(schema, '')};\n`,
  );
  return `// Generated from protocol/openapi.json: npm run types\n\n${types.join('\n')}`;
}

/**
 * @param {any} schema
 * @param {string} indent
 * @returns {string}
 */
function typeOf(schema, indent) {
  if (schema.$ref) return schema.$ref.split('/').at(-1);
  if (schema.enum) return schema.enum.map(quote).join(' | ');
  if (schema.oneOf) return schema.oneOf.map((/** @type {any} */ one) => typeOf(one, indent)).join(' | ');
  if (Array.isArray(schema.type)) {
    return schema.type.map((/** @type {any} */ type) => typeOf({ ...schema, type }, indent)).join(' | ');
  }
  switch (schema.type) {
    case 'array':
      return `Array<${typeOf(schema.items, indent)}>`;
    case 'boolean':
    case 'null':
    case 'string':
      return schema.type;
    case 'integer':
    case 'number':
      return 'number';
    case 'object':
      return objectType(schema, indent);
    default:
      throw new Error(`no type for ${JSON.stringify(schema)}`);
  }
}

/**
 * @param {any} schema
 * @param {string} indent
 */
function objectType({ properties, required = [] }, indent) {
  const inner = `${indent}  `;
  const members = Object.entries(properties).map(([name, schema]) => {
    const mark = required.includes(name) ? '' : '?';
    return `${comment(schema, inner)}${inner}${name}${mark}: ${typeOf(schema, inner)};\n`;
  });
  return `{\n${members.join('')}${indent}}`;
}

/**
 * @param {any} schema
 * @param {string} indent
 */
function comment({ description }, indent) {
  if (!description) return '';
  const lines = description.split('\n').map((/** @type {string} */ line) => `${indent} * ${line}`.trimEnd());
  return lines.length === 1
    ? `${indent}/** ${description} */\n`
    : `${indent}/**\n${lines.join('\n')}\n${indent} */\n`;
}

/** @param {string} text */
function quote(text) {
  return `'${text}'`;
}
