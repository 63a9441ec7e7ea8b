// Child processes that end with the program that started them.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const execute = promisify(execFile);

const running = new Set();

// A driver that fails must not leave a display or a browser behind.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

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
  const said = (async () => {
    for await (const line of lines) {
      const answer = ready(line);
      if (answer) return answer;
    }
    throw new Error(`${program} ended before it was ready`);
  })();
  process_.answer = await Promise.race([said, failed]);
  // What it prints later is of no interest, but a full pipe would stop it.
  child.stdio[fd].resume();
  return process_;
}

class Process {
  #child;

  constructor(program, child) {
    this.program = program;
    this.#child = child;
  }

  /** Writes a line to its stdin. */
  say(line) {
    this.#child.stdin.write(`${line}\n`);
  }

  /** Ends it and waits until it is gone. */
  async stop(signal = 'SIGTERM') {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }
}
