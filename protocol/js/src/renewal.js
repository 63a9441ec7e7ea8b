// Runs one renewal: begins or finds it, follows its progress, carries what the agent and the CA
// have to say to each other.

import { API_VERSION } from './discovery.js';
import { KoshinError } from './error.js';
import { Endpoint } from './http.js';

/**
 * @typedef {import('./discovery.js').Search} Search
 * @typedef {import('./messages.js').DeliveredCertificate} DeliveredCertificate
 * @typedef {import('./messages.js').Kind} Kind
 * @typedef {import('./messages.js').Problem} Problem
 * @typedef {import('./messages.js').RenewalView} RenewalView
 * @typedef {import('./messages.js').State} State
 * @typedef {import('./messages.js').WaitReason} WaitReason
 * @typedef {import('./messages.js').OutcomeWord} Outcome
 */

/**
 * @typedef {object} RenewOptions
 * @property {string} [certificate] must be the one that was connected for
 * @property {string} nonce the bank's: 16 to 64 random bytes, base64url without padding. After a
 *   reload the proof carries the nonce that the renewal began with, so the bank accepts every
 *   nonce that it gave to this login
 * @property {(request: Submission) => Promise<Answer> | Answer} submit sends the request to the
 *   CA. The same bytes may be sent again (a reload, two tabs): the CA then delivers what it
 *   issued for them
 * @property {(receipt: Receipt) => Promise<void> | void} receipt tells the CA that the new
 *   certificate is installed; may be called again with the same bytes
 * @property {(problem: Problem, ended: Ended) => Promise<void> | void} [reject] tells the CA that
 *   what it issued, or was about to issue, will not be used, so that it can revoke it
 * @property {(step: Step) => void} [onProgress]
 * @property {(request: ToSign) => Promise<string> | string} [sign] lets the bank sign the request
 *   (JWS compact serialisation, ES256), where its profile demands that
 * @property {AbortSignal} [signal] stops following; the agent keeps the renewal
 *
 * @typedef {object} Submission
 * @property {string} csr the certification request (RFC 2986): base64 of the DER
 * @property {string} proof the old key's signature over it (CMS SignedData): base64 of the DER
 * @property {string} renewal the agent's id of this renewal
 *
 * @typedef {{ certificate: string } | { pending: { retry_after: number } }} Answer
 *   the certificate as PEM, base64 of DER, or base64 of a certs-only CMS, chain in any order; or
 *   that the CA answers later, and in how many seconds to submit again
 *
 * @typedef {object} Receipt
 * @property {string} receipt what the new key signed (CMS SignedData): base64 of the DER
 * @property {string} renewal
 * @property {DeliveredCertificate | null} certificate
 *
 * @typedef {{ renewal: string }} Ended
 *
 * @typedef {object} Step
 * @property {string} renewal
 * @property {number} revision grows with each step
 * @property {State} state
 * @property {WaitReason | null} waiting what it waits for, in the state `waiting`
 *
 * @typedef {object} ToSign
 * @property {Kind} kind
 * @property {string} certificate
 * @property {string} nonce the bank's
 * @property {string} challenge the agent's: single use
 * @property {string} origin this page's
 *
 * @typedef {object} Renewed
 * @property {string} renewal
 * @property {DeliveredCertificate} certificate the new certificate
 */

/**
 * The agent and the renewal that a page is connected to. An agent that is restarted in the middle
 * of a renewal may come back on another port.
 *
 * @typedef {{ endpoint: Endpoint, renewal: string | null }} Link
 */

/**
 * @param {Link} link
 * @param {Search} search
 * @param {RenewOptions} options
 * @returns {Promise<Renewed>}
 */
export async function renew(link, search, options) {
  const { certificate = search.certificate, signal } = options;
  if (certificate !== search.certificate) {
    throw new TypeError('connected for another certificate');
  }
  const controller = new AbortController();
  const stop = () => controller.abort(signal?.reason);
  const timer = setTimeout(
    () => controller.abort(new KoshinError('timed-out')),
    search.limits.renewal,
  );
  signal?.throwIfAborted();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    return await new Renewal(link, search, options, controller.signal).run();
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}

/** In these the renewal has ended without a certificate. */
const ENDED = new Set(['cancelled', 'failed', 'expired']);

/** In these the CA's answer is awaited; with a problem, the last one was refused. */
const AWAITING = new Set(['request-ready', 'awaiting-certificate']);

/** In these there is something to fetch or to do; what lies between is only progress. */
const CALLING = new Set([
  ...ENDED,
  ...AWAITING,
  'waiting',
  'proven',
  'grace',
  'retired',
]);

/** Bounds for what a CA says about when to ask again, in seconds. */
const SOONEST = 1;
const LATEST = 3600;

/** Pauses between tries to reach an agent that went away, in milliseconds. */
const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 5_000;

class Renewal {
  #link;
  #search;
  #options;
  #signal;
  /** The newest revision that the page was told of. */
  #told = -1;
  /** Whether the CA has the request, and may have issued a certificate for it. */
  #submitted = false;
  /** The revision at which the agent took the certificate: what is asked at a later one is new. */
  #delivered = -1;
  /** When to submit again, after the CA said that it answers later. */
  #again = 0;
  /** How long to wait before the next stream, when one broke. */
  #pause = FIRST_PAUSE;

  /**
   * @param {Link} link
   * @param {Search} search
   * @param {RenewOptions} options
   * @param {AbortSignal} signal
   */
  constructor(link, search, options, signal) {
    this.#link = link;
    this.#search = search;
    this.#options = options;
    this.#signal = signal;
  }

  /** @returns {Promise<Renewed>} */
  async run() {
    let view = await this.#begin();
    this.#link.renewal = view.id;
    for (;;) {
      this.#tell(view.id, view.revision, view.state, view.waiting);
      if (ENDED.has(view.state)) throw await this.#refused(view);
      if (view.receipt) return this.#finish(view, view.receipt);
      if (AWAITING.has(view.state) && view.problem?.status === 422) {
        await this.#giveUp(view.id, view.problem);
        throw new KoshinError(view.problem.code, { problem: view.problem });
      }
      if (this.#mayAnswer(view)) view = await this.#exchange(view);
      else view = await this.#changed(view);
    }
  }

  /** @returns {Promise<RenewalView>} */
  #begin() {
    const { nonce, sign } = this.#options;
    const { certificate } = this.#search;
    /** @type {Kind} */
    const kind = 'renew';
    return this.#persist(async () => {
      /** @type {import('./messages.js').BeginRenewal} */
      const body = { kind, certificate, nonce };
      if (sign) {
        // A challenge is used up by a try whose answer was lost.
        const { nonce: challenge } = await this.#call('POST', '/challenges');
        const { origin } = globalThis.location;
        body.request = await sign({ kind, certificate, nonce, challenge, origin });
      }
      return this.#call('POST', '/renewals', body);
    }, null);
  }

  /**
   * Whether the request is there and the CA's answer is not. A second tab, or this page after a
   * reload, asks the CA again, which delivers what it issued for the same request.
   *
   * @param {RenewalView} view
   */
  #mayAnswer({ state, waiting, csr, proof, revision }) {
    const pending = state === 'waiting' && waiting === 'bank';
    const due = this.#again <= Date.now() && revision > this.#delivered;
    return (AWAITING.has(state) || pending) && due && csr !== undefined && proof !== undefined;
  }

  /**
   * Carries the request to the CA and the CA's answer to the agent.
   *
   * @param {RenewalView} view
   * @returns {Promise<RenewalView>}
   */
  async #exchange({ id, csr = '', proof = '' }) {
    this.#submitted = true;
    const answer = bounded(await this.#options.submit({ csr, proof, renewal: id }));
    this.#signal.throwIfAborted();
    if ('pending' in answer) this.#again = Date.now() + answer.pending.retry_after * 1000;
    const path = `/renewals/${id}/certificate`;
    try {
      const view = await this.#persist(() => this.#call('PUT', path, answer), id);
      if ('certificate' in answer) this.#delivered = view.revision;
      return view;
    } catch (error) {
      if (!(error instanceof KoshinError)) throw error;
      // Another tab was faster, or the answer to a first try was lost.
      if (error.code === 'wrong-state') return this.#view(id);
      if (error.problem?.status === 422) await this.#giveUp(id, error.problem);
      throw error;
    }
  }

  /**
   * The agent refused what the CA issued: the CA hears of it, the renewal ends.
   *
   * @param {string} id
   * @param {Problem} problem
   */
  async #giveUp(id, problem) {
    try {
      await this.#options.reject?.(problem, { renewal: id });
    } finally {
      // Already ended by another tab, or out of reach: the agent ends it when its time is up.
      await this.#call('DELETE', `/renewals/${id}`).catch(() => {});
    }
  }

  /**
   * The error for a renewal that ended without a certificate, after the CA was told.
   *
   * @param {RenewalView} view
   */
  async #refused({ id, state, csr, problem }) {
    if (problem && (this.#submitted || csr !== undefined)) {
      await this.#options.reject?.(problem, { renewal: id });
    }
    return new KoshinError(problem?.code ?? state, { problem, state });
  }

  /**
   * @param {RenewalView} view
   * @param {string} receipt
   * @returns {Promise<Renewed>}
   */
  async #finish({ id, new_certificate: certificate }, receipt) {
    if (!certificate) throw new KoshinError('not-an-agent');
    await this.#options.receipt({ receipt, renewal: id, certificate });
    return { renewal: id, certificate };
  }

  /**
   * Follows the progress until there is something to do, and returns the renewal as it is then.
   * A stream that breaks costs a pause: the renewal is looked at, and followed again.
   *
   * @param {RenewalView} view
   * @returns {Promise<RenewalView>}
   */
  async #changed({ id, revision }) {
    /** @param {any} line */
    const take = (line) => {
      if (typeof line?.revision !== 'number' || line.revision <= revision) return false;
      this.#pause = FIRST_PAUSE;
      if (CALLING.has(line.state)) return true;
      this.#tell(id, line.revision, line.state, undefined);
      return false;
    };
    if (!(await this.#follow(id, revision, take))) {
      await sleep(this.#pause, this.#signal);
      this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
    }
    return this.#view(id);
  }

  /**
   * @param {string} id
   * @param {number} after
   * @param {(line: any) => boolean} take
   * @returns {Promise<boolean>} false when the stream ended before its time
   */
  async #follow(id, after, take) {
    const { stream } = this.#search.limits;
    const again = this.#again - Date.now();
    const limit = again > 0 ? Math.min(stream, again) : stream;
    const path = `/${API_VERSION}/renewals/${id}/events?after=${after}`;
    try {
      return await this.#link.endpoint.follow(path, take, { limit, signal: this.#signal });
    } catch (error) {
      this.#signal.throwIfAborted();
      if (!(error instanceof KoshinError) || !AWAY.has(error.code)) throw error;
      return error.code === 'timed-out';
    }
  }

  /**
   * @param {string} id
   * @returns {Promise<RenewalView>}
   */
  #view(id) {
    return this.#persist(() => this.#call('GET', `/renewals/${id}`), id);
  }

  /**
   * @param {string} renewal
   * @param {number} revision
   * @param {State} state
   * @param {WaitReason | undefined} waiting
   */
  #tell(renewal, revision, state, waiting) {
    if (revision <= this.#told) return;
    this.#told = revision;
    this.#options.onProgress?.({ renewal, revision, state, waiting: waiting ?? null });
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   */
  #call(method, path, body) {
    const options = { limit: this.#search.limits.request, signal: this.#signal };
    return this.#link.endpoint.request(method, `/${API_VERSION}${path}`, body, options);
  }

  /**
   * Does the work; again while the agent is away, for example because it was restarted, and then
   * perhaps on another port.
   *
   * @template T
   * @param {() => Promise<T>} work
   * @param {string | null} id the renewal by which the agent is found again
   * @returns {Promise<T>}
   */
  async #persist(work, id) {
    let giveUp = Infinity;
    for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      try {
        return await work();
      } catch (error) {
        this.#signal.throwIfAborted();
        if (!(error instanceof KoshinError) || !AWAY.has(error.code)) throw error;
        giveUp = Math.min(giveUp, Date.now() + this.#search.limits.lost);
        if (Date.now() >= giveUp) throw new KoshinError('connection-lost', { cause: error });
        await sleep(pause, this.#signal);
        this.#link.endpoint = (await this.#locate(id)) ?? this.#link.endpoint;
      }
    }
  }

  /**
   * Where the renewal is now.
   *
   * @param {string | null} id
   * @returns {Promise<Endpoint | null>}
   */
  async #locate(id) {
    if (!id) return null;
    const { limits, language, firstPort, portCount } = this.#search;
    const controller = new AbortController();
    const stop = () => controller.abort(this.#signal.reason);
    this.#signal.addEventListener('abort', stop, { once: true });
    const tries = Array.from({ length: portCount }, async (_, n) => {
      const endpoint = new Endpoint(firstPort + n, language);
      const options = { limit: limits.agent, signal: controller.signal };
      const path = `/${API_VERSION}/renewals/${id}`;
      const view = await endpoint.request('GET', path, undefined, options);
      if (view?.id !== id) throw new KoshinError('not-an-agent');
      return endpoint;
    });
    const found = await Promise.any(tries).catch(() => null);
    this.#signal.removeEventListener('abort', stop);
    controller.abort();
    return found;
  }
}

/** Failures by which an agent that is being restarted shows itself. */
const AWAY = new Set(['unreachable', 'timed-out', 'not-an-agent']);

/**
 * The CA's answer with a time to ask again that hurts neither side.
 *
 * @param {Answer} answer
 * @returns {Answer}
 */
function bounded(answer) {
  if (!('pending' in answer)) return { certificate: answer.certificate };
  const seconds = Math.ceil(Number(answer.pending.retry_after) || 0);
  return { pending: { retry_after: Math.min(Math.max(seconds, SOONEST), LATEST) } };
}

/**
 * @param {number} milliseconds
 * @param {AbortSignal} signal
 */
function sleep(milliseconds, signal) {
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
