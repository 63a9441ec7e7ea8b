// The demo for a person: a browser with a throwaway home, and what to do in it.

import { setInterval } from 'node:timers/promises';

import * as chromium from './chromium.mjs';
import * as firefox from './firefox.mjs';
import { start, temporaryFolder } from './process.mjs';
import { Scene } from './scene.mjs';

/** Holds the scene until both IDs have logged in with a new certificate. */
export async function guide(pinentry, { rules, hint = '', meanwhile = async () => {} } = {}) {
  const browser = process.env.BROWSER === 'firefox' ? firefox : chromium;
  const scene = await Scene.open(process.env, { pinentry, ...rules });
  const home = temporaryFolder('demo');
  const environment = { ...scene.environment(process.env), HOME: home };
  await browser.prepareHome(home, scene, environment);
  for (const customer of scene.customers) {
    console.log(instructions(scene, customer) + hint);
    const command = () => browser.command(home, scene.sites, `${scene.bank}/`);
    const closed = () => meanwhile(scene, customer.id);
    const login = await browse(command, environment, renewed(scene, customer), closed);
    console.log(
      `demo: ok id=${customer.id} old=${customer.serial} new=${login.serial} login=${login.status}\n`,
    );
  }
  await scene.close();
}

/** Keeps a browser open until `done`: the person is told to close it on the way. */
async function browse(command, environment, done, closed) {
  for (;;) {
    const [program, args] = await command();
    const window_ = await start(program, args, { env: environment, stdio: 'ignore' });
    const login = await Promise.race([done, window_.gone()]);
    if (login) {
      console.log('Close the browser. / ブラウザーを閉じてください。');
      await window_.gone();
      return login;
    }
    await closed();
  }
}

/** The first login of this ID with a certificate other than the old one. */
async function renewed(scene, { id, serial }) {
  for await (const _ of setInterval(1000)) {
    const login = await scene.lastLogin(id);
    // A login without a certificate is one that has expired.
    if (login?.status === 200 && login.serial && login.serial !== serial) return login;
  }
  return null;
}

function instructions(scene, { id, serial }) {
  return `
${id}: ${serial.toUpperCase()}
  PIN (${scene.token})  ${scene.pin}
  ID                 ${id}
  パスワード / password  ${scene.password}

  1. ブラウザーが PIN を尋ねたら入力し、上の番号の証明書を選びます。
     Type the PIN when the browser asks, and choose the certificate with the number above.
  2. ログインして、メインへ、証明書更新、更新の順に進みます。
     Log in, then メインへ (to main), 証明書更新 (renew certificate), 更新 (renew).
  3. ローカルアクセスの確認では許可を、小さな画面でははい、PIN、はいと答えます。
     Allow local access; in the small dialogs answer yes, the PIN, yes.
  4. 完了したらブラウザーを閉じます。もう一度開くので、完了の画面にあった
     新しい番号の証明書でログインします。
     When it is done, close the browser. It opens again: log in with the new certificate,
     whose number was on the last page.
`;
}
