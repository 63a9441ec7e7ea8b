// A display without a screen: Xvfb with a window manager, and hands and eyes for it.

import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { run, start, temporaryFolder } from './process.mjs';

/** How long a window may take to appear, in milliseconds. */
const PATIENCE = 60_000;

/** How often a picture of a display that does not come to rest is taken. */
const MOST_LOOKS = 10;

const DIALOGS = fileURLToPath(new URL('dialogs.py', import.meta.url));

export class Screen {
  #processes = [];
  #pictures = 0;

  /** A display on a free number, with pictures going to `folder`. */
  static async open(folder, environment = process.env) {
    const screen = new Screen();
    screen.folder = folder;
    await mkdir(folder, { recursive: true });
    const display = await screen.#start(
      'Xvfb',
      ['-displayfd', '3', '-screen', '0', '1280x900x24', '-nolisten', 'tcp'],
      { ready: (line) => line, fd: 3, stdio: ['ignore', 'ignore', 'ignore', 'pipe'] },
    );
    // The accessibility bus has its socket there: a folder of its own keeps one display's from
    // another's, whose end removes it.
    const own = { ...environment, XDG_RUNTIME_DIR: temporaryFolder('runtime') };
    const bus = await screen.#start('dbus-daemon', ['--session', '--nofork', '--print-address=1'], {
      env: own,
      ready: (line) => line,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    screen.environment = {
      ...own,
      DISPLAY: `:${display}`,
      DBUS_SESSION_BUS_ADDRESS: bus,
      // Browsers and pinentry then describe their dialogs to dialogs.py.
      ACCESSIBILITY_ENABLED: '1',
      GNOME_ACCESSIBILITY: '1',
    };
    delete screen.environment.WAYLAND_DISPLAY;
    // Its startup command says when it manages windows.
    await screen.#start('openbox', ['--sm-disable', '--startup', 'echo ready'], {
      env: screen.environment,
      ready: (line) => line === 'ready',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    // The pointer in a corner: nothing shows a hint because of it.
    await run('xdotool', ['mousemove', '1279', '899'], { env: screen.environment });
    return screen;
  }

  async #start(program, args, options) {
    const process_ = await start(program, args, options);
    this.#processes.unshift(process_);
    return process_.answer;
  }

  /** Saves what the display shows as `NN-name.png`, once two looks at it agree. */
  async picture(name) {
    this.#pictures += 1;
    const file = path.join(this.folder, `${String(this.#pictures).padStart(2, '0')}-${name}.png`);
    let last = null;
    for (let look = 0; look < MOST_LOOKS; look += 1) {
      await run('import', ['-window', 'root', file], { env: this.environment });
      const now = await readFile(file);
      if (last?.equals(now)) break;
      last = now;
    }
    return file;
  }

  /** Waits for a window with this title, and gives it the keyboard. */
  async window(title) {
    const { environment: env } = this;
    const search = ['search', '--sync', '--onlyvisible', '--name', title];
    const patience = AbortSignal.timeout(PATIENCE);
    for (;;) {
      try {
        const found = await run('xdotool', search, { env, signal: patience });
        const number = found.trim().split('\n').at(-1);
        await run('xdotool', ['windowfocus', '--sync', number], { env, signal: patience });
        return;
      } catch (error) {
        // A window that goes while xdotool looks at it ends xdotool.
        if (patience.aborted || !error.message.includes('BadWindow')) throw error;
      }
    }
  }

  /** Types as a person does. */
  async type(text) {
    await run('xdotool', ['type', '--delay', '30', text], { env: this.environment });
  }

  async key(...keys) {
    await run('xdotool', ['key', ...keys], { env: this.environment });
  }

  /** A step of dialogs.py. */
  async dialog(...step) {
    return run('/usr/bin/python3', [DIALOGS, '20', ...step], { env: this.environment });
  }

  async close() {
    for (const process_ of this.#processes) await process_.stop();
  }
}
