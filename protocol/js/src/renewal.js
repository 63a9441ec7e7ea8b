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
 * @param {Endpoint} endpoint
 * @param {Search} search
 * @param {RenewOptions} options
 * @returns {Promise<Renewed>}
 */
export async function renew(endpoint, search, options) {
  void API_VERSION, endpoint, search, options;
  throw new KoshinError('unreachable');
}
