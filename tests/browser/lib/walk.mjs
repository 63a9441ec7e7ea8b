// The customer's way through the bank's pages in a browser on a display: what a person clicks on
// the pages, answers in the browser's own dialogs; the agent's dialogs are answered by a script.

import * as chromium from './chromium.mjs';
import { temporaryFolder } from './process.mjs';

export class Customer {
  #kind;
  #home;
  #picture;

  /** `kind` is a browser's module; `picture(name)` is called at each screen and dialog. */
  constructor(scene, screen, { kind = chromium, picture = async () => {} } = {}) {
    this.scene = scene;
    this.screen = screen;
    this.#kind = kind;
    this.#picture = picture;
  }

  /** Opens the browser with a new profile. */
  async open() {
    const environment = this.scene.environment(this.screen.environment);
    this.#home = temporaryFolder('browser');
    await this.#kind.prepareHome(this.#home, this.scene, environment);
    await this.#launch(environment);
  }

  /** Another window of the same browser, for another scene's customer. */
  async window(scene) {
    const other = new Customer(scene, this.screen, { kind: this.#kind });
    other.browser = this.browser;
    const session = await this.browser.target().createCDPSession();
    const known = new Set(this.browser.targets());
    await session.send('Target.createTarget', { url: 'about:blank', newWindow: true });
    const opened = await this.browser.waitForTarget(
      (target) => target.type() === 'page' && !known.has(target),
    );
    other.page = await opened.page();
    return other;
  }

  /** Closes all windows and opens the browser again, as the last screen says. */
  async reopen() {
    await this.browser.close();
    await this.#launch(this.scene.environment(this.screen.environment));
  }

  async #launch(environment) {
    this.browser = await this.#kind.launch(this.#home, this.scene.sites, environment);
    [this.page = await this.browser.newPage()] = await this.browser.pages();
  }

  async close() {
    await this.browser.close();
  }

  /**
   * Goes to the bank: unlocks the token in the browser's prompt, unless it is unlocked, and chooses
   * the certificate.
   */
  async arrive(serial, { locked = true } = {}) {
    const arrived = this.page.goto(`${this.scene.bank}/`);
    if (locked) {
      await this.screen.window(this.#kind.UNLOCK);
      await this.screen.type(this.scene.pin);
      await this.#picture('browser-unlocks-token');
      await this.screen.key('Return');
    }
    if (this.#kind.ASKS_WHICH) {
      await this.screen.dialog('choose', serial);
      await this.#picture('browser-chooses-certificate');
      await this.screen.dialog('press', 'OK');
    }
    await arrived;
    await this.#picture('bank-login');
  }

  /** Goes to the bank with a token whose certificates have expired: the browser shows none. */
  async arriveWithoutCertificate() {
    const arrived = this.page.goto(`${this.scene.bank}/`);
    await this.screen.window(this.#kind.UNLOCK);
    await this.screen.type(this.scene.pin);
    await this.screen.key('Return');
    await arrived;
    await this.#picture('bank-login-without-certificate');
  }

  /** Logs in as an ID that the bank does not know from a certificate. */
  async loginAs(id, picture) {
    await this.page.type('#id', id);
    await this.page.type('#password', this.scene.password);
    await this.#follow('form[action="/login"] button');
    if (picture) await this.#picture(picture);
  }

  /** A picture of what is there. */
  async look(name) {
    await this.#picture(name);
  }

  /** Fills the login form in and sends it. */
  async login(id) {
    // The bank fills in the ID of the certificate.
    const known = await this.page.$eval('#id', (field) => field.value);
    if (known !== id) throw new Error(`the bank took the certificate for ${known}'s`);
    await this.page.type('#password', this.scene.password);
    await this.#follow('form[action="/login"] button');
  }

  /**
   * From 電子証明書更新通知 over メイン to 電子証明書更新前処理中, where the browser asks about
   * local access unless it was asked before (`asks: false`).
   */
  async toRenewal({ asks = true } = {}) {
    await this.toMain();
    await this.goOn();
    await this.page.waitForSelector('#renewal');
    if (asks) await this.page.waitForSelector('#permission:not([hidden])');
  }

  /** From 電子証明書更新通知 to メイン, or メイン again. */
  async toMain() {
    if (new URL(this.page.url()).pathname === '/main') {
      await this.page.reload();
    } else {
      await this.page.waitForSelector('a[href="/main"]');
      await this.#picture('bank-notice');
      await this.#follow('a[href="/main"]');
    }
    await this.#picture('bank-main');
  }

  /** 証明書更新 on メイン. */
  async goOn() {
    await this.page.click('form[action="/renewal"] button');
  }

  /** Waits for a screen of the renewal's page. */
  async shown(name) {
    await this.page.waitForSelector(`#renewal[data-screen="${name}"]`);
  }

  /** The stable code of what ended the renewal. */
  async code() {
    return this.page.$eval('#renewal', (page) => page.dataset.code);
  }

  /** Answers the browser's question about local access. */
  async allowLocalAccess() {
    await this.screen.dialog('wait', 'Allow');
    await this.#picture('browser-asks-for-local-access');
    await this.screen.dialog('press', 'Allow');
  }

  /** 更新, and with はい, PIN, はい in the agent's dialogs to 発行完了. */
  async renew() {
    await this.shown('start');
    await this.#picture('ca-start');
    const [consent, pin, install] = await this.scene.hold(['yes', 'pin', 'yes']);
    await this.page.click('#renew');
    await this.shown('work');
    await this.#answer(consent, 'agent-asks-for-consent');
    await this.#answer(pin, 'agent-asks-for-pin');
    await this.#answer(install, 'agent-asks-to-install');
    await this.page.waitForSelector('#close');
    await this.#picture('ca-done');
  }

  /** 更新, はい and PIN: the request is out, and an officer of the CA has yet to decide. */
  async applyForRenewal() {
    const [consent, pin] = await this.scene.hold(['yes', 'pin']);
    await this.page.click('#renew');
    await this.#answer(consent, 'agent-asks-for-consent');
    await this.#answer(pin, 'agent-asks-for-pin');
    await this.page.waitForSelector('a[href="/renewal/pending"]');
    await this.#picture('ca-pending');
  }

  /** 承認されたか確かめる, once it has been decided, to 電子証明書更新開始. */
  async seeWhetherApproved() {
    await this.page.click('a[href="/renewal/pending"]');
    await this.shown('start');
    await this.#picture('ca-decided');
  }

  /**
   * 更新 once it is approved: はい, and the PIN unless the agent still has it (`pin: false`), to
   * 発行完了.
   */
  async receive({ pin = true } = {}) {
    const answers = pin ? ['yes', 'pin'] : ['yes'];
    const [install, typed] = await this.scene.hold(answers);
    await this.page.click('#renew');
    await this.#answer(install, 'agent-asks-to-install');
    if (pin) await this.#answer(typed, 'agent-asks-for-pin');
    await this.page.waitForSelector('#close');
    await this.#picture('ca-done');
  }

  /** From 電子証明書取得 on the login screen to the CA's page, where the browser asks. */
  async toAcquisition(id, { asks = true } = {}) {
    await this.#follow('a[href="/acquisition"]');
    await this.page.type('#id', id);
    await this.page.type('#password', this.scene.password);
    await this.#picture('bank-acquisition');
    await this.page.click('form[action="/acquisition"] button');
    await this.page.waitForSelector('#renewal');
    if (asks) await this.page.waitForSelector('#permission:not([hidden])');
  }

  /**
   * 電子証明書取得, and with はい, code, PIN, はい in the agent's dialogs to 発行完了; `wrong` is
   * a code that is typed first, and refused.
   */
  async acquire(code, { wrong } = {}) {
    await this.shown('start');
    await this.#picture('ca-start');
    const typed = [wrong, code].filter(Boolean).map((code) => `type ${code}`);
    const [first, ...more] = typed;
    const dialogs = await this.scene.hold(['yes', first, 'pin', ...more, 'yes']);
    const [consent, enter, pin] = dialogs;
    const [again, install] = more.length ? dialogs.slice(3) : [null, dialogs[3]];
    await this.page.click('#renew');
    await this.shown('work');
    await this.#answer(consent, 'agent-asks-for-consent');
    await this.#answer(enter, 'agent-asks-for-code');
    await this.#answer(pin, 'agent-asks-for-pin');
    if (again) await this.#answer(again, 'agent-asks-for-code-again');
    await this.#answer(install, 'agent-asks-to-install');
    await this.page.waitForSelector('#close');
    await this.#picture('ca-done');
  }

  async #answer(dialog, name) {
    const answer = await dialog();
    await this.#picture(name);
    await answer();
  }

  /** The serial number on 発行完了, as the bank's log writes it. */
  async newSerial() {
    const text = await this.page.$eval('code.serial', (code) => code.textContent);
    return text.replace(/\s/g, '').toLowerCase();
  }

  /** On the main screen after the first login: the agent hears of it, and the old one goes. */
  async tellFirstLogin() {
    await this.page.waitForSelector('#first-login');
    await this.page.click('#tell');
    await this.allowLocalAccess();
    await this.page.waitForSelector('#first-login [data-when="done"]:not([hidden])');
    await this.#picture('bank-main-after-renewal');
  }

  /** Clicks and waits for the page that it leads to. */
  async #follow(selector) {
    await Promise.all([this.page.waitForNavigation(), this.page.click(selector)]);
  }
}
