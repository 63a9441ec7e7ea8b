// Requests to one port of this PC: bounded in time and size, without cookies, cache or redirects.

import { KoshinError } from './error.js';

/** More than any answer of an agent, less than what a squatter could use to fill the memory. */
const LARGEST_BODY = 1024 * 1024;
const LONGEST_LINE = 64 * 1024;

/** @type {Readonly<Record<string, string>>} */
const ACCEPT = { accept: 'application/json' };

/**
 * @typedef {object} RequestOptions
 * @property {number} limit milliseconds until the request is given up
 * @property {AbortSignal} [signal]
 * @property {Promise<unknown>} [from] the limit's time runs from here (default: at once)
 */

/** The HTTP server on one port of 127.0.0.1. */
export class Endpoint {
  #base;
  #headers;

  /**
   * @param {number} port
   * @param {string} [language] as in `Accept-Language`
   */
  constructor(port, language) {
    this.port = port;
    this.#base = `http://127.0.0.1:${port}`;
    this.#headers = language ? { ...ACCEPT, 'accept-language': language } : ACCEPT;
  }

  /**
   * The body of a successful answer.
   *
   * @param {string} method
   * @param {string} path
   * @param {unknown} body sent as JSON unless undefined
   * @param {RequestOptions} options
   * @returns {Promise<any>}
   * @throws {KoshinError} with the code of the problem document, or `unreachable`, `timed-out`
   *   or `not-an-agent`
   */
  async request(method, path, body, options) {
    return bounded(options, async (signal) => {
      const response = await this.#fetch(method, path, body, signal);
      return parse(await readText(response));
    });
  }

  /**
   * The objects of a stream of newline-delimited JSON, until it ends, breaks or its time is up.
   *
   * @param {string} path
   * @param {(line: any) => boolean} take returns true when it has seen enough
   * @param {RequestOptions} options
   * @returns {Promise<boolean>} whether `take` had seen enough
   */
  async follow(path, take, options) {
    return bounded(options, async (signal) => {
      const response = await this.#fetch('GET', path, undefined, signal);
      for await (const line of lines(response)) {
        // Empty lines keep the connection alive.
        if (line !== '' && take(parse(line))) return true;
      }
      return false;
    });
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {unknown} body
   * @param {AbortSignal} signal
   */
  async #fetch(method, path, body, signal) {
    /** @type {RequestInit & { targetAddressSpace?: string }} */
    const init = {
      method,
      headers: this.#headers,
      mode: 'cors',
      credentials: 'omit',
      cache: 'no-store',
      redirect: 'error',
      referrerPolicy: 'no-referrer',
      signal,
    };
    if (body !== undefined) {
      init.headers = { ...this.#headers, 'content-type': 'application/json' };
      init.body = JSON.stringify(body);
    }
    if (namesAddressSpace()) init.targetAddressSpace = 'loopback';
    let response;
    try {
      response = await fetch(this.#base + path, init);
    } catch (cause) {
      throw signal.aborted ? signal.reason : new KoshinError('unreachable', { cause });
    }
    if (response.ok) return response;
    const problem = parse(await readText(response));
    if (typeof problem?.code !== 'string') throw new KoshinError('not-an-agent');
    throw new KoshinError(problem.code, { problem });
  }
}

/**
 * Does the work within the limit; also ends it when the caller's signal does.
 *
 * @template T
 * @param {RequestOptions} options
 * @param {(signal: AbortSignal) => Promise<T>} work
 * @returns {Promise<T>}
 */
async function bounded({ limit, signal, from }, work) {
  signal?.throwIfAborted();
  const controller = new AbortController();
  const stop = () => controller.abort(signal?.reason);
  signal?.addEventListener('abort', stop, { once: true });
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let over = false;
  const start = () => {
    if (!over) timer = setTimeout(() => controller.abort(new KoshinError('timed-out')), limit);
  };
  if (from) void from.then(start);
  else start();
  try {
    return await work(controller.signal);
  } catch (error) {
    // A body that is cut off by the signal does not always say so.
    throw controller.signal.aborted ? controller.signal.reason : error;
  } finally {
    over = true;
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
    // Ends a response that was not read to its end.
    controller.abort();
  }
}

/**
 * @param {Response} response
 * @returns {AsyncGenerator<string>}
 */
async function* chunks(response) {
  if (!response.body) return;
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield decoder.decode(value, { stream: true });
    }
  } catch (cause) {
    throw new KoshinError('unreachable', { cause });
  } finally {
    // Not awaited: a squatter's stream may never confirm it.
    reader.cancel().catch(() => {});
  }
}

/** @param {Response} response */
async function readText(response) {
  let text = '';
  for await (const chunk of chunks(response)) {
    text += chunk;
    if (text.length > LARGEST_BODY) throw new KoshinError('not-an-agent');
  }
  return text;
}

/**
 * @param {Response} response
 * @returns {AsyncGenerator<string>} whole lines; what a broken stream leaves behind is dropped
 */
async function* lines(response) {
  let rest = '';
  for await (const chunk of chunks(response)) {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    if (rest.length > LONGEST_LINE) throw new KoshinError('not-an-agent');
    yield* parts;
  }
}

/** @param {string} text */
function parse(text) {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch (cause) {
    throw new KoshinError('not-an-agent', { cause });
  }
}

/** @type {boolean | undefined} */
let addressSpaceNamed;

/** Whether this browser knows `targetAddressSpace: 'loopback'`; others either ignore the option
 * or refuse the word. */
function namesAddressSpace() {
  if (addressSpaceNamed === undefined) {
    try {
      const init = /** @type {RequestInit} */ ({ targetAddressSpace: 'loopback' });
      new Request('http://127.0.0.1/', init);
      addressSpaceNamed = true;
    } catch {
      addressSpaceNamed = false;
    }
  }
  return addressSpaceNamed;
}
