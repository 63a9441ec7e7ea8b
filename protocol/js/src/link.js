// A page's connection to an agent, which outlives a restart of the agent on another port.

import { API_VERSION } from './discovery.js';
import { KoshinError } from './error.js';
import { Endpoint } from './http.js';

/**
 * @typedef {import('./discovery.js').Search} Search
 * @typedef {import('./messages.js').RenewalView} RenewalView
 */

/** Failures by which an agent that is being restarted shows itself. */
export const AWAY = new Set(['unreachable', 'timed-out', 'not-an-agent']);

/** Pauses between tries to reach an agent that went away, in milliseconds. */
export const FIRST_PAUSE = 250;
export const LONGEST_PAUSE = 5_000;

/** The agent and the renewal that a page is connected to. */
export class Link {
  #endpoint;
  #search;

  /**
   * @param {Endpoint} endpoint
   * @param {Search} search
   * @param {string | null} renewal
   */
  constructor(endpoint, search, renewal) {
    this.#endpoint = endpoint;
    this.#search = search;
    /** The id of the renewal in progress. */
    this.renewal = renewal;
    /** Goes on with it; there while it is followed.
     * @type {(() => Promise<RenewalView>) | null} */
    this.resume = null;
  }

  /**
   * @param {string} method
   * @param {string} path below the version
   * @param {unknown} body
   * @param {AbortSignal} [signal]
   * @returns {Promise<any>}
   */
  call(method, path, body, signal) {
    const limit = this.#search.limits.request;
    return this.#endpoint.request(method, `/${API_VERSION}${path}`, body, { limit, signal });
  }

  /**
   * @param {string} path below the version
   * @param {(line: any) => boolean} take
   * @param {number} limit
   * @param {AbortSignal} signal
   */
  follow(path, take, limit, signal) {
    return this.#endpoint.follow(`/${API_VERSION}${path}`, take, { limit, signal });
  }

  /**
   * Does the work; again while the agent is away, for example because it was restarted, and then
   * perhaps on another port.
   *
   * @template T
   * @param {() => Promise<T>} work
   * @param {string | null} id the renewal by which the agent is found again
   * @param {AbortSignal} signal
   * @returns {Promise<T>}
   */
  async persist(work, id, signal) {
    let giveUp = Infinity;
    for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      try {
        return await work();
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof KoshinError) || !AWAY.has(error.code)) throw error;
        giveUp = Math.min(giveUp, Date.now() + this.#search.limits.lost);
        if (Date.now() >= giveUp) throw new KoshinError('connection-lost', { cause: error });
        await sleep(pause, signal);
        if (id) this.#endpoint = (await this.#locate(id, signal)) ?? this.#endpoint;
      }
    }
  }

  /**
   * Where the renewal is now.
   *
   * @param {string} id
   * @param {AbortSignal} signal
   * @returns {Promise<Endpoint | null>}
   */
  async #locate(id, signal) {
    const { limits, language, firstPort, portCount } = this.#search;
    const controller = new AbortController();
    const stop = () => controller.abort(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    const tries = Array.from({ length: portCount }, async (_, n) => {
      const endpoint = new Endpoint(firstPort + n, language);
      const options = { limit: limits.agent, signal: controller.signal };
      const path = `/${API_VERSION}/renewals/${id}`;
      const view = await endpoint.request('GET', path, undefined, options);
      if (view?.id !== id) throw new KoshinError('not-an-agent');
      return endpoint;
    });
    const found = await Promise.any(tries).catch(() => null);
    signal.removeEventListener('abort', stop);
    controller.abort();
    return found;
  }
}

/**
 * @param {number} milliseconds
 * @param {AbortSignal} signal
 */
export function sleep(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', end);
      resolve(undefined);
    }, milliseconds);
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
  });
}
