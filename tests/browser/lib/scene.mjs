// The scene of the Rust harness (tests/src/bin/scene.rs): token, bank and agent in one process.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { start } from './process.mjs';

const target = process.env.CARGO_TARGET_DIR ?? fileURLToPath(new URL('../../../target', import.meta.url));

export class Scene {
  #child;
  #lines;

  /**
   * Sets it up; `rules` are scene.rs's arguments: `pinentry` is the program of a person at the
   * display, else a script answers; `days`, `grace`, `approval` are the bank's. With `office` in
   * the place of `scene` there are two banks (tests/src/bin/office.rs).
   */
  static async open(environment, rules = {}, name = 'scene') {
    const program = `${target}/debug/${name}`;
    if (!existsSync(program)) {
      throw new Error(`${program} is missing; run: cargo build --workspace --bins`);
    }
    const scene = new Scene();
    const named = Object.entries(rules).flatMap(([name, value]) => [`--${name}`, String(value)]);
    scene.#child = spawn(program, named, {
      env: environment,
      stdio: ['pipe', 'pipe', 'inherit'],
      // Ctrl-C at the terminal is for this program: the scene ends with its stdin, in order.
      detached: true,
    });
    scene.#lines = createInterface({ input: scene.#child.stdout })[Symbol.asyncIterator]();
    Object.assign(scene, await scene.#read());
    return scene;
  }

  /** Asks something of it: see the orders in scene.rs. */
  async ask(order, details = {}) {
    this.#child.stdin.write(`${JSON.stringify({ do: order, ...details })}\n`);
    const answer = await this.#read();
    if (answer.error) throw new Error(answer.error);
    return answer;
  }

  async #read() {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error('the scene ended; what it said is above');
    return JSON.parse(value);
  }

  /**
   * What the script answers to the next dialogs, each of which stands until the function at its
   * place in the result was called: it answers once the dialog is there, with what lets it go on.
   */
  async hold(answers) {
    const pipes = await this.ask('answers', { answers, held: true });
    return pipes.map((pipe) => () => this.opened(pipe));
  }

  /** Waits for the dialog of a gate's pipe; the answer lets it go on. */
  async opened(pipe) {
    const script = 'exec 3>"$1" && echo stands && cat';
    const gate = await start('sh', ['-c', script, 'sh', pipe], {
      stdio: ['pipe', 'pipe', 'inherit'],
      ready: (line) => line === 'stands',
    });
    return () => gate.stop();
  }

  /** One of two banks, as what its customer needs to know. */
  at(index) {
    return Object.assign(Object.create(this), this.banks[index]);
  }

  /** The newest login of an ID that the bank's TLS log has. */
  async lastLogin(id) {
    const log = await this.ask('log');
    return log.findLast((entry) => entry.event === 'login' && entry.user === id);
  }

  /** What a browser needs to reach the bank's sites. */
  get sites() {
    const banks = this.banks ?? [this];
    const places = banks.flatMap(({ bank, ca, address }) =>
      [bank, ca].map((origin) => ({ origin, host: new URL(origin).hostname, address })),
    );
    return {
      hosts: places.map(({ host }) => host),
      address: this.address,
      addresses: Object.fromEntries(places.map(({ host, address }) => [host, address])),
      origins: places.map(({ origin }) => origin),
    };
  }

  /** The environment in which a browser's token module finds the token. */
  environment(base) {
    return { ...base, SOFTHSM2_CONF: this.settings };
  }

  async close() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.stdin.end();
    await gone;
  }
}
