// A stage for one browser test: a display, a scene and a customer, gone afterwards.

import { temporaryFolder } from './process.mjs';
import { Scene } from './scene.mjs';
import { Screen } from './screen.mjs';
import { Customer } from './walk.mjs';

/**
 * Sets a stage up for the test `t`, with the user's ID; `kind` is a browser's module, `rules` are
 * the scene's.
 */
export async function stage(t, kind, rules) {
  const undo = [];
  t.after(async () => {
    for (const step of undo.reverse()) await step();
  });
  const screen = await Screen.open(temporaryFolder('pictures'));
  undo.push(() => screen.close());
  const scene = await Scene.open(screen.environment, rules);
  undo.push(() => scene.close());
  const customer = new Customer(scene, screen, { kind });
  await customer.open();
  undo.push(() => customer.close());
  return { screen, scene, customer, ...scene.customers[1] };
}

/** As `stage`, at 電子証明書更新開始 with everything allowed. */
export async function stageAtStart(t, rules) {
  const set = await stage(t, undefined, rules);
  await set.customer.arrive(set.serial);
  await set.customer.login(set.id);
  await set.customer.toRenewal();
  await set.customer.allowLocalAccess();
  await set.customer.shown('start');
  return set;
}
