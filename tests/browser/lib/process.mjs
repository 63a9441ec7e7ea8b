// Child processes and folders that go with the program that made them.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const execute = promisify(execFile);

const running = new Set();
const folders = new Set();

// A driver that fails must leave no display, no browser and no profile behind.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
  for (const folder of folders) {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

/** A new folder that goes with this program. */
export function temporaryFolder(name) {
  const folder = mkdtempSync(path.join(tmpdir(), `koshin-${name}-`));
  folders.add(folder);
  return folder;
}

/** Runs a program to its end and answers what it printed. */
export async function run(program, args, options = {}) {
  try {
    const { stdout } = await execute(program, args, { encoding: 'utf8', maxBuffer: 64 << 20, ...options });
    return stdout;
  } catch (error) {
    if (error.code === 'ENOENT') {
      throw new Error(`${program} is missing; run: make install`);
    }
    throw new Error(`${program} ${args.join(' ')}\n${error.stderr || error.message}`);
  }
}

/**
 * Starts a program and answers once it printed a line for which `ready` answers something.
 * `stdio[fd]` must be the pipe that `ready` reads, 1 unless said otherwise.
 */
export async function start(program, args, { ready, fd = 1, ...options } = {}) {
  const stdio = options.stdio ?? ['ignore', 'pipe', 'inherit'];
  const child = spawn(program, args, { ...options, stdio });
  running.add(child);
  child.once('exit', () => running.delete(child));
  const failed = once(child, 'error').then(([error]) => {
    throw error.code === 'ENOENT' ? new Error(`${program} is missing; run: make install`) : error;
  });
  const process_ = new Process(program, child);
  if (!ready) {
    await Promise.race([once(child, 'spawn'), failed]);
    return process_;
  }
  const lines = createInterface({ input: child.stdio[fd] });
  process_.lines = lines;
  const said = new Promise((resolve, reject) => {
    lines.on('line', (line) => {
      const answer = ready(line);
      if (answer) resolve(answer);
    });
    lines.once('close', () => reject(new Error(`${program} ended before it was ready`)));
  });
  process_.answer = await Promise.race([said, failed]);
  return process_;
}

class Process {
  #child;
  /** What it prints, once it is ready. */
  lines = null;
  /** What `ready` answered. */
  answer = null;

  constructor(program, child) {
    this.program = program;
    this.#child = child;
  }

  /** Waits until it is gone. */
  async gone() {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      await once(this.#child, 'exit');
    }
  }

  /** Ends it and waits until it is gone. */
  async stop(signal = 'SIGTERM') {
    this.#child.kill(signal);
    await this.gone();
  }
}
