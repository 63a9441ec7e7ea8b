// Runs one renewal or acquisition: begins or finds it, follows its progress, carries what the agent and the CA
// have to say to each other.

import { KoshinError } from './error.js';
import { AWAY, FIRST_PAUSE, Link, LONGEST_PAUSE, sleep } from './link.js';

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
 * @typedef {object} Callbacks
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
 * @typedef {Callbacks & { certificate?: string }} RenewOptions the certificate, if named, must be
 *   the one that was connected for
 *
 * @typedef {Callbacks & { subject: string, subjectAltName?: string }} AcquireOptions
 *   subject: whom the certificate shall name, base64 of the DER of a `Name`; subjectAltName: its
 *   alternative names, base64 of the DER of the whole `Extension`. Submit brings no proof: the
 *   request is authorised by the code that the person types into the agent's own dialog
 *
 * @typedef {object} Submission
 * @property {string} csr the certification request (RFC 2986): base64 of the DER
 * @property {string} [proof] the old key's signature over it (CMS SignedData): base64 of the
 *   DER; an acquisition has none
 * @property {string} renewal the agent's id of this renewal
 *
 * @typedef {{ certificate: string } | { pending: { retry_after: number } } |
 *   { wrong_code: WrongCode }} Answer
 *   the certificate as PEM, base64 of DER, or base64 of a certs-only CMS, chain in any order; or
 *   that the CA answers later, and in how many seconds to submit again; or, in an acquisition,
 *   that the one-time code was wrong: the agent asks for it again, and submit gets another
 *   request of the same key
 *
 * @typedef {object} WrongCode
 * @property {number} [tries_left] how many more wrong codes the bank takes: the dialog says so
 * @property {string} [nonce] the bank's for the next request, where it is another one
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
 * @property {string} [certificate] in a renewal
 * @property {string} [subject] in an acquisition, as it was given
 * @property {string} [subject_alt_name]
 * @property {string} nonce the bank's
 * @property {string} challenge the agent's: single use
 * @property {string} origin this page's
 *
 * @typedef {object} Renewed
 * @property {string} renewal
 * @property {DeliveredCertificate} certificate the new certificate
 */

/**
 * @param {Link} link
 * @param {Search} search
 * @param {RenewOptions} options
 * @returns {Promise<Renewed>}
 */
export async function renew(link, search, options) {
  const { certificate = search.certificate } = options;
  if (certificate === null || certificate !== search.certificate) {
    throw new TypeError('connected for another certificate, or for none');
  }
  return run(link, search, options, { kind: 'renew', certificate });
}

/**
 * @param {Link} link
 * @param {Search} search
 * @param {AcquireOptions} options
 * @returns {Promise<Renewed>}
 */
export async function acquire(link, search, options) {
  const { subject, subjectAltName } = options;
  if (typeof subject !== 'string') throw new TypeError('subject must be base64 of a Name');
  /** @type {Target} */
  const target = { kind: 'acquire', subject };
  if (subjectAltName !== undefined) target.subject_alt_name = subjectAltName;
  return run(link, search, options, target);
}

/**
 * @typedef {Pick<import('./messages.js').BeginRenewal,
 *   'kind' | 'certificate' | 'subject' | 'subject_alt_name'>} Target
 */

/**
 * @param {Link} link
 * @param {Search} search
 * @param {Callbacks} options
 * @param {Target} target
 * @returns {Promise<Renewed>}
 */
async function run(link, search, options, target) {
  const { signal } = options;
  signal?.throwIfAborted();
  const controller = new AbortController();
  const stop = () => controller.abort(signal?.reason);
  const timer = setTimeout(
    () => controller.abort(new KoshinError('timed-out')),
    search.limits.renewal,
  );
  signal?.addEventListener('abort', stop, { once: true });
  try {
    return await new Renewal(link, search, options, target, controller.signal).run();
  } finally {
    link.resume = null;
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}

/** In these the renewal has ended without a certificate. */
const ENDED = new Set(['cancelled', 'failed', 'expired']);

/** In these the CA's answer is awaited; with a problem, the last one was refused. */
const AWAITING = new Set(['request-ready', 'awaiting-certificate']);

/** The statuses of problems with the CA's answer itself: another try would bring the same. */
const REFUSALS = new Set([413, 422]);

/** More than this an agent does not read, in bytes of JSON. */
const LARGEST_ANSWER = 64 * 1024;

/** In these there is something to fetch or to do; what lies between is only progress. */
const CALLING = new Set([...ENDED, ...AWAITING, 'waiting', 'proven', 'grace', 'retired']);

/** Bounds for what a CA says about when to ask again, in seconds. */
const SOONEST = 1;
const LATEST = 3600;

class Renewal {
  #link;
  #search;
  #options;
  #target;
  #signal;
  /** The newest revision that the page was told of. */
  #told = -1;
  /** Whether there was a request: the CA may have it, from this page or from the one before a
   * reload, and may have issued a certificate for it. */
  #requested = false;
  /** The revision at which the agent took the certificate: what is asked at a later one is new. */
  #delivered = -1;
  /** The bank's nonce for what is yet to be signed. */
  #nonce;
  /** When to submit again, after the CA said that it answers later. */
  #again = 0;
  /** How long to wait before the next stream, when one broke. */
  #pause = FIRST_PAUSE;

  /**
   * @param {Link} link
   * @param {Search} search
   * @param {Callbacks} options
   * @param {Target} target
   * @param {AbortSignal} signal
   */
  constructor(link, search, options, target, signal) {
    this.#link = link;
    this.#search = search;
    this.#options = options;
    this.#target = target;
    this.#nonce = options.nonce;
    this.#signal = signal;
  }

  /** @returns {Promise<Renewed>} */
  async run() {
    let view = await this.#begin();
    this.#link.renewal = view.id;
    this.#link.resume = () => this.#begin();
    for (;;) {
      this.#tell(view.id, view.revision, view.state, view.waiting);
      if (view.csr !== undefined) this.#requested = true;
      if (ENDED.has(view.state)) throw await this.#refused(view);
      if (view.receipt) return this.#finish(view, view.receipt);
      if (AWAITING.has(view.state) && view.problem && REFUSALS.has(view.problem.status)) {
        throw await this.#giveUp(view.id, view.problem);
      }
      if (this.#mayAnswer(view)) view = await this.#exchange(view);
      else view = await this.#changed(view);
    }
  }

  /** @returns {Promise<RenewalView>} */
  #begin() {
    const { sign } = this.#options;
    const nonce = this.#nonce;
    return this.#persist(async () => {
      /** @type {import('./messages.js').BeginRenewal} */
      const body = { ...this.#target, nonce };
      if (sign) {
        // A challenge is used up by a try whose answer was lost.
        const { nonce: challenge } = await this.#call('POST', '/challenges');
        const { origin } = globalThis.location;
        body.request = await sign({ ...this.#target, nonce, challenge, origin });
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
    const signed = csr !== undefined && (proof !== undefined || this.#target.kind === 'acquire');
    const pending = state === 'waiting' && waiting === 'bank';
    const due = this.#again <= Date.now() && revision > this.#delivered;
    return (AWAITING.has(state) || pending) && due && signed;
  }

  /**
   * Carries the request to the CA and the CA's answer to the agent.
   *
   * @param {RenewalView} view
   * @returns {Promise<RenewalView>}
   */
  async #exchange({ id, csr = '', proof }) {
    /** @type {Submission} */
    const submission = { csr, renewal: id };
    if (proof !== undefined) submission.proof = proof;
    const answer = bounded(await this.#options.submit(submission));
    this.#signal.throwIfAborted();
    if ('wrong_code' in answer) this.#nonce = answer.wrong_code.nonce ?? this.#nonce;
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
      const { problem } = error;
      if (problem && REFUSALS.has(problem.status)) throw await this.#giveUp(id, problem);
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
    const cause = await this.#reject(id, problem);
    // Already ended by another tab, or out of reach: the agent ends it when its time is up.
    await this.#call('DELETE', `/renewals/${id}`).catch(() => {});
    return new KoshinError(problem.code, { problem, cause });
  }

  /**
   * The error for a renewal that ended without a certificate, after the CA was told.
   *
   * @param {RenewalView} view
   */
  async #refused({ id, state, problem }) {
    const cause = problem && this.#requested ? await this.#reject(id, problem) : undefined;
    return new KoshinError(problem?.code ?? state, { problem, state, cause });
  }

  /**
   * Tells the CA; a failure to do so comes back as the cause, so that it does not hide why the
   * renewal ended.
   *
   * @param {string} renewal
   * @param {Problem} problem
   * @returns {Promise<unknown>}
   */
  async #reject(renewal, problem) {
    try {
      await this.#options.reject?.(problem, { renewal });
    } catch (error) {
      return error;
    }
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
    const path = `/renewals/${id}/events?after=${after}`;
    try {
      return await this.#link.follow(path, take, limit, this.#signal);
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
    return this.#link.call(method, path, body, this.#signal);
  }

  /**
   * @template T
   * @param {() => Promise<T>} work
   * @param {string | null} id
   */
  #persist(work, id) {
    return this.#link.persist(work, id, this.#signal);
  }
}

/**
 * The CA's answer in a form and size, and with a time to ask again, that hurt neither side.
 *
 * @param {Answer} answer
 * @returns {Answer}
 */
function bounded(answer) {
  if ('pending' in answer) {
    const seconds = Math.ceil(Number(answer.pending.retry_after) || 0);
    return { pending: { retry_after: Math.min(Math.max(seconds, SOONEST), LATEST) } };
  }
  if ('wrong_code' in answer) return answer;
  const { certificate } = answer;
  if (typeof certificate !== 'string') throw new TypeError('submit must give certificate, pending or wrong_code');
  const size = new TextEncoder().encode(JSON.stringify({ certificate })).length;
  // Too long for a certificate: the agent says so, in the reader's language, about an empty one
  // as well, while a body that is too long may break the connection before it can say anything.
  return { certificate: size > LARGEST_ANSWER ? '' : certificate };
}
