// Finds the agent that holds a certificate, or, for an acquisition, any: every port of the range at once, the first that has
// it wins. What else listens there (another user's agent, a program that never answers) neither
// hides it nor delays it.

import { KoshinError } from './error.js';
import { Endpoint } from './http.js';
import { answered, permission } from './permission.js';

/**
 * @typedef {import('./messages.js').Agent} Agent
 * @typedef {import('./messages.js').Capability} Capability
 * @typedef {import('./messages.js').Certificate} Certificate
 * @typedef {import('./messages.js').Problem} Problem
 */

/** The version of the API that this SDK speaks. */
export const API_VERSION = 'v1';

/**
 * @typedef {object} Limits milliseconds
 * @property {number} agent until a port has said who it is
 * @property {number} certificates until an agent has listed its tokens
 * @property {number} permission until the person has answered the browser's question
 * @property {number} request until any other request is answered
 * @property {number} stream until a stream of progress is opened anew
 * @property {number} lost how long an agent may be away in the middle of a renewal
 * @property {number} renewal until a renewal is given up by the page (the agent keeps it)
 */

/** @type {Readonly<Limits>} */
export const LIMITS = Object.freeze({
  agent: 5_000,
  certificates: 30_000,
  permission: 120_000,
  request: 30_000,
  stream: 120_000,
  lost: 60_000,
  renewal: 3_600_000,
});

/**
 * @typedef {object} Search
 * @property {string | null} certificate null when nothing is to be renewed
 * @property {number} firstPort
 * @property {number} portCount
 * @property {readonly Capability[]} needs
 * @property {string} [language]
 * @property {Limits} limits
 * @property {AbortSignal} [signal]
 * @property {() => void} [onPermissionPrompt]
 */

/**
 * @typedef {{ endpoint: Endpoint, agent: Agent, certificate: Certificate | null }} Found
 * @typedef {'permission-unanswered' | 'permission-refused' | 'blocked-by-policy'
 *   | 'agent-too-old' | 'agent-too-new' | 'token-absent' | 'certificate-elsewhere'
 *   | 'agent-problem' | 'page-policy' | 'insecure-page' | 'not-running' | 'not-installed'
 *   | 'site-not-listed' | 'port-unanswered' | 'another-user'} Cause
 * @typedef {'permission-pending' | 'denied' | 'version-mismatch' | 'certificate-not-here'
 *   | 'not-reachable'} UnavailableStatus
 * @typedef {object} Missed
 * @property {UnavailableStatus} status
 * @property {Cause[]} causes likely ones first
 * @property {Agent[]} agents those that answered, and cannot be used or do not hold it
 * @property {Problem | null} problem why an agent could not list its certificates
 */

/**
 * @param {Search} search
 * @returns {Promise<Found | Missed>}
 */
export async function discover(search) {
  const { limits, signal } = search;
  signal?.throwIfAborted();
  const before = await permission();
  const policy = watchPagePolicy();
  const controller = new AbortController();
  const stop = () => controller.abort(signal?.reason);
  signal?.addEventListener('abort', stop, { once: true });
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let patience;
  try {
    // While the browser asks the person, every request hangs: time counts from the answer, or
    // from the first request that ends, which shows that nobody is being asked.
    const { promise: asked, resolve: counted } = deferred();
    if (before === 'prompt') {
      search.onPermissionPrompt?.();
      void answered(controller.signal).then(counted);
      patience = setTimeout(() => controller.abort(UNANSWERED), limits.permission);
      void asked.then(() => clearTimeout(patience));
    } else {
      counted();
    }
    const ports = Array.from({ length: search.portCount }, (_, n) => search.firstPort + n);
    const probes = ports.map((port) => probe(port, search, controller.signal, asked, counted));
    const found = await first(probes);
    if (found) return found;
    signal?.throwIfAborted();
    const after = await permission();
    const missed = explain(await Promise.all(probes), { before, after, blocked: policy.blocked() });
    // Firefox fails requests that waited for the answer when the person is quick: after a yes
    // nothing waits, so a second look tells.
    const allowed = before === 'prompt' && after === 'granted';
    return allowed && missed.status === 'not-reachable' ? discover(search) : missed;
  } finally {
    clearTimeout(patience);
    policy.end();
    signal?.removeEventListener('abort', stop);
    controller.abort();
  }
}

/** Why the probes end when nobody answers the browser's question. */
const UNANSWERED = new KoshinError('timed-out');

/**
 * @typedef {{ is: 'found', found: Found }
 *   | { is: 'elsewhere' | 'mismatch', agent: Agent }
 *   | { is: 'faulty', agent: Agent, problem: Problem | null }
 *   | { is: 'silent' | 'nobody' }} Probe
 */

/**
 * @param {number} port
 * @param {Search} search
 * @param {AbortSignal} signal
 * @param {Promise<unknown>} asked
 * @param {() => void} counted
 * @returns {Promise<Probe>}
 */
async function probe(port, search, signal, asked, counted) {
  const { limits, needs } = search;
  const endpoint = new Endpoint(port, search.language);
  /** @type {Agent} */
  let agent;
  try {
    const path = `/${API_VERSION}/agent`;
    const options = { limit: limits.agent, signal, from: asked };
    agent = await endpoint.request('GET', path, undefined, options);
  } catch (error) {
    const silent = error instanceof KoshinError && error.code === 'timed-out';
    return { is: silent ? 'silent' : 'nobody' };
  } finally {
    counted();
  }
  if (!isAgent(agent)) return { is: 'nobody' };
  const speaks = agent.api.includes(API_VERSION);
  if (!speaks || !needs.every((need) => agent.capabilities.includes(need))) {
    return { is: 'mismatch', agent };
  }
  try {
    const path = `/${API_VERSION}/certificates`;
    const options = { limit: limits.certificates, signal };
    const list = await endpoint.request('GET', path, undefined, options);
    /** @type {Certificate[]} */
    const certificates = Array.isArray(list?.certificates) ? list.certificates : [];
    const certificate = certificates.find(({ id }) => id === search.certificate) ?? null;
    if (search.certificate !== null && !certificate) return { is: 'elsewhere', agent };
    return { is: 'found', found: { endpoint, agent, certificate } };
  } catch (error) {
    return { is: 'faulty', agent, problem: error instanceof KoshinError ? error.problem : null };
  }
}

/**
 * The first probe that found the certificate, without waiting for the others.
 *
 * @param {Promise<Probe>[]} probes
 * @returns {Promise<Found | null>}
 */
async function first(probes) {
  const finds = probes.map(async (probe) => {
    const result = await probe;
    if (result.is !== 'found') throw result;
    return result.found;
  });
  return Promise.any(finds).catch(() => null);
}

/**
 * @param {Probe[]} probes
 * @param {{ before: string, after: string, blocked: boolean }} browser
 * @returns {Missed}
 */
function explain(probes, { before, after, blocked }) {
  /** @type {Agent[]} */
  const agents = probes.flatMap((probe) => ('agent' in probe ? [probe.agent] : []));
  const problem = probes.map((probe) => ('problem' in probe ? probe.problem : null)).find(Boolean);
  /** @param {Probe['is']} is */
  const some = (is) => probes.some((probe) => probe.is === is);
  /** @type {(status: UnavailableStatus, causes: Cause[]) => Missed} */
  const missed = (status, causes) => ({ status, causes, agents, problem: problem ?? null });

  if (some('faulty')) return missed('certificate-not-here', ['agent-problem', 'token-absent']);
  if (some('elsewhere')) {
    return missed('certificate-not-here', ['token-absent', 'certificate-elsewhere']);
  }
  if (some('mismatch')) return missed('version-mismatch', [tooOld(agents) ? 'agent-too-old' : 'agent-too-new']);
  if (after === 'denied') {
    // Someone who was asked just now said no; otherwise it may have been the administrator.
    return missed('denied', before === 'prompt' ? ['permission-refused'] : ['permission-refused', 'blocked-by-policy']);
  }
  if (after === 'prompt') return missed('permission-pending', ['permission-unanswered', 'not-running']);
  if (blocked) return missed('not-reachable', ['page-policy']);
  if (globalThis.isSecureContext === false) return missed('not-reachable', ['insecure-page']);
  /** @type {Cause[]} */
  const causes = ['not-running', 'not-installed', 'site-not-listed', 'another-user'];
  if (some('silent')) causes.push('port-unanswered');
  return missed('not-reachable', causes);
}

/**
 * An agent is too new when it no longer speaks this SDK's version of the API, and speaks others.
 *
 * @param {Agent[]} agents
 */
function tooOld(agents) {
  const version = (/** @type {string} */ api) => Number(api.slice(1));
  return !agents.some(({ api }) => api.length > 0 && api.every((a) => version(a) > version(API_VERSION)));
}

/**
 * @param {any} answer
 * @returns {answer is Agent}
 */
function isAgent(answer) {
  return answer?.product === 'koshin' && Array.isArray(answer.api) && Array.isArray(answer.capabilities);
}

/** Watches for requests that the page's own Content-Security-Policy refuses. */
function watchPagePolicy() {
  let blocked = false;
  /** @param {Event} event */
  const look = (event) => {
    const { blockedURI } = /** @type {SecurityPolicyViolationEvent} */ (event);
    if (blockedURI.startsWith('http://127.0.0.1')) blocked = true;
  };
  const page = globalThis.document;
  page?.addEventListener('securitypolicyviolation', look);
  return {
    blocked: () => blocked,
    end: () => page?.removeEventListener('securitypolicyviolation', look),
  };
}

/** @returns {{ promise: Promise<void>, resolve: () => void }} */
function deferred() {
  /** @type {() => void} */
  let resolve = () => {};
  const promise = new Promise((done) => {
    resolve = () => done(undefined);
  });
  return { promise: /** @type {Promise<void>} */ (promise), resolve };
}
