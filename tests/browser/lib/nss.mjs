// The certificate database of a browser (NSS), in a folder of its own.

import { run } from './process.mjs';

/** Makes a database in `folder` that trusts `authority` (PEM file) and loads `module`, if given. */
export async function trust(folder, { authority, module }, env) {
  const database = `sql:${folder}`;
  await run('certutil', ['-d', database, '-N', '--empty-password'], { env });
  await run('certutil', ['-d', database, '-A', '-n', 'demo-ca', '-t', 'CT,,', '-i', authority], { env });
  if (module) {
    await run('modutil', ['-dbdir', database, '-add', 'Token', '-libfile', module, '-force'], { env });
  }
}
