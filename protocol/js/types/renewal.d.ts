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
export function renew(link: Link, search: Search, options: RenewOptions): Promise<Renewed>;
/**
 * @param {Link} link
 * @param {Search} search
 * @param {AcquireOptions} options
 * @returns {Promise<Renewed>}
 */
export function acquire(link: Link, search: Search, options: AcquireOptions): Promise<Renewed>;
export type Search = import("./discovery.js").Search;
export type DeliveredCertificate = import("./messages.js").DeliveredCertificate;
export type Kind = import("./messages.js").Kind;
export type Problem = import("./messages.js").Problem;
export type RenewalView = import("./messages.js").RenewalView;
export type State = import("./messages.js").State;
export type WaitReason = import("./messages.js").WaitReason;
export type Outcome = import("./messages.js").OutcomeWord;
export type Callbacks = {
    /**
     * the bank's: 16 to 64 random bytes, base64url without padding. After a
     * reload the proof carries the nonce that the renewal began with, so the bank accepts every
     * nonce that it gave to this login
     */
    nonce: string;
    /**
     * sends the request to the
     * CA. The same bytes may be sent again (a reload, two tabs): the CA then delivers what it
     * issued for them
     */
    submit: (request: Submission) => Promise<Answer> | Answer;
    /**
     * tells the CA that the new
     * certificate is installed; may be called again with the same bytes
     */
    receipt: (receipt: Receipt) => Promise<void> | void;
    /**
     * tells the CA that
     * what it issued, or was about to issue, will not be used, so that it can revoke it
     */
    reject?: ((problem: Problem, ended: Ended) => Promise<void> | void) | undefined;
    onProgress?: ((step: Step) => void) | undefined;
    /**
     * lets the bank sign the request
     * (JWS compact serialisation, ES256), where its profile demands that
     */
    sign?: ((request: ToSign) => Promise<string> | string) | undefined;
    /**
     * stops following; the agent keeps the renewal
     */
    signal?: AbortSignal | undefined;
};
/**
 * the certificate, if named, must be
 *  the one that was connected for
 */
export type RenewOptions = Callbacks & {
    certificate?: string;
};
/**
 * subject: whom the certificate shall name, base64 of the DER of a `Name`; subjectAltName: its
 * alternative names, base64 of the DER of the whole `Extension`. Submit brings no proof: the
 * request is authorised by the code that the person types into the agent's own dialog
 */
export type AcquireOptions = Callbacks & {
    subject: string;
    subjectAltName?: string;
};
export type Submission = {
    /**
     * the certification request (RFC 2986): base64 of the DER
     */
    csr: string;
    /**
     * the old key's signature over it (CMS SignedData): base64 of the
     * DER; an acquisition has none
     */
    proof?: string | undefined;
    /**
     * the agent's id of this renewal
     */
    renewal: string;
};
/**
 * the certificate as PEM, base64 of DER, or base64 of a certs-only CMS, chain in any order; or
 * that the CA answers later, and in how many seconds to submit again; or, in an acquisition,
 * that the one-time code was wrong: the agent asks for it again, and submit gets another
 * request of the same key
 */
export type Answer = {
    certificate: string;
} | {
    pending: {
        retry_after: number;
    };
} | {
    wrong_code: WrongCode;
};
export type WrongCode = {
    /**
     * how many more wrong codes the bank takes: the dialog says so
     */
    tries_left?: number | undefined;
    /**
     * the bank's for the next request, where it is another one
     */
    nonce?: string | undefined;
};
export type Receipt = {
    /**
     * what the new key signed (CMS SignedData): base64 of the DER
     */
    receipt: string;
    renewal: string;
    certificate: DeliveredCertificate | null;
};
export type Ended = {
    renewal: string;
};
export type Step = {
    renewal: string;
    /**
     * grows with each step
     */
    revision: number;
    state: State;
    /**
     * what it waits for, in the state `waiting`
     */
    waiting: WaitReason | null;
};
export type ToSign = {
    kind: Kind;
    /**
     * in a renewal
     */
    certificate?: string | undefined;
    /**
     * in an acquisition, as it was given
     */
    subject?: string | undefined;
    subject_alt_name?: string | undefined;
    /**
     * the bank's
     */
    nonce: string;
    /**
     * the agent's: single use
     */
    challenge: string;
    /**
     * this page's
     */
    origin: string;
};
export type Renewed = {
    renewal: string;
    /**
     * the new certificate
     */
    certificate: DeliveredCertificate;
};
export type Target = Pick<import("./messages.js").BeginRenewal, "kind" | "certificate" | "subject" | "subject_alt_name">;
import { Link } from './link.js';
