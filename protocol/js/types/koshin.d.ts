export { KoshinError } from "./error.js";
/**
 * @typedef {import('./discovery.js').Cause} Cause
 * @typedef {import('./discovery.js').Limits} Limits
 * @typedef {import('./discovery.js').UnavailableStatus} UnavailableStatus
 * @typedef {import('./messages.js').Agent} Agent
 * @typedef {import('./messages.js').Capability} Capability
 * @typedef {import('./messages.js').Certificate} Certificate
 * @typedef {import('./messages.js').Problem} Problem
 * @typedef {import('./messages.js').RenewalView} RenewalView
 * @typedef {import('./messages.js').State} State
 * @typedef {import('./permission.js').PermissionAnswer} PermissionAnswer
 * @typedef {import('./renewal.js').Outcome} Outcome
 * @typedef {import('./renewal.js').AcquireOptions} AcquireOptions
 * @typedef {import('./renewal.js').RenewOptions} RenewOptions
 * @typedef {import('./renewal.js').Renewed} Renewed
 */
/**
 * @typedef {object} ConnectOptions
 * @property {string} [certificate] the certificate of this login: SHA-256 of its DER, 64
 *   lower-case hexadecimal digits, as the bank knows it from the TLS login. Without it any agent
 *   of this person will do, for an acquisition
 * @property {number} [firstPort] 47110 unless IT chose another range
 * @property {number} [portCount] 64 unless IT chose another range
 * @property {Capability[]} [needs] what the agent must be able to do; an agent that can't is a
 *   `version-mismatch`
 * @property {string} [language] of problem texts, as in `Accept-Language`: `ja`, `en`
 * @property {AbortSignal} [signal] ends the search; the promise is then rejected with its reason
 * @property {Partial<Limits>} [limits]
 * @property {() => void} [onPermissionPrompt] the browser is about to ask the person whether this
 *   site may reach programs on this PC: say that the question must be answered with "allow"
 */
export const Koshin: Readonly<{
    /**
     * Finds the agent that holds the certificate. Look at `status` first: only with `ready` is
     * there something to renew with.
     *
     * @param {ConnectOptions} options
     * @returns {Promise<Ready | Unavailable>}
     */
    connect({ certificate, firstPort, portCount, needs, language, signal, limits, onPermissionPrompt, }: ConnectOptions): Promise<Ready | Unavailable>;
    /**
     * What the browser would say to a request to this PC now: with `prompt` the person will be
     * asked, and the page can say so beforehand.
     *
     * @type {() => Promise<PermissionAnswer>}
     */
    permission: () => Promise<PermissionAnswer>;
    /**
     * Resolves once the browser's question is answered, however late, with what it says then: a
     * page that shows `permission-pending` goes on by itself. Also resolves when the signal ends
     * the wait, with `prompt`.
     *
     * @param {AbortSignal} signal
     * @returns {Promise<PermissionAnswer>}
     */
    permissionAnswered(signal: AbortSignal): Promise<PermissionAnswer>;
}>;
/** No agent that can renew this certificate. */
export class Unavailable {
    /** @param {import('./discovery.js').Missed} missed */
    constructor({ status, causes, agents, problem }: import("./discovery.js").Missed);
    /**
     * - `permission-pending`: the browser's question was not answered, or closed;
     * - `denied`: the browser refuses, because the person said no or by the administrator's policy;
     * - `version-mismatch`: the agent is too old or too new for this page;
     * - `certificate-not-here`: an agent answered, and no token here holds the certificate;
     * - `not-reachable`: no agent answered; a page cannot see why, `causes` lists what is possible.
     */
    status: import("./discovery.js").UnavailableStatus;
    /** Possible causes, likely ones first; `explain` (explain.js) has steps for each. */
    causes: import("./discovery.js").Cause[];
    /** Agents that answered and cannot be used. */
    agents: import("./messages.js").Agent[];
    /** Why an agent could not list its certificates. */
    problem: import("./messages.js").Problem | null;
}
/** An agent that holds the certificate, or that can acquire one. */
export class Ready {
    /**
     * @param {import('./discovery.js').Found} found
     * @param {import('./discovery.js').Search} search
     */
    constructor({ endpoint, agent, certificate }: import("./discovery.js").Found, search: import("./discovery.js").Search);
    /** @type {'ready'} */
    status: "ready";
    /** Who answers. */
    agent: import("./messages.js").Agent;
    /** The certificate of this login, as its token has it; null where none was named. */
    certificate: import("./messages.js").Certificate | null;
    /**
     * Renews the certificate, or goes on with the renewal of it that a reloaded or another page
     * began. Resolves once the new certificate is installed, proven, and `receipt` has told the CA.
     *
     * An aborted signal only stops following: the agent keeps the renewal, another tab may be
     * watching it, and the next `renew` goes on with it. To end it, call {@link cancel}.
     *
     * @param {RenewOptions} options
     * @returns {Promise<Renewed>}
     * @throws {import('./error.js').KoshinError} when it ended without a certificate (see `problem`
     *   and `state`) or the agent went away; its `cause` is what `reject` threw. What another
     *   callback throws is passed on as it is, and the next `renew` goes on
     */
    renew(options: RenewOptions): Promise<Renewed>;
    /**
     * Acquires a first certificate, or goes on with the acquisition that a reloaded page began. The
     * person chooses the token and types the bank's one-time code in the agent's own dialogs; this
     * page never sees it. Otherwise as {@link renew}: a wrong code shows only when the CA refuses the
     * request. Where submit then gives `wrong_code`, the person is asked for the code again, and the
     * same key signs another request.
     *
     * @param {AcquireOptions} options
     * @returns {Promise<Renewed>}
     * @throws {import('./error.js').KoshinError} as {@link renew}
     */
    acquire(options: AcquireOptions): Promise<Renewed>;
    /**
     * Goes on with the renewal that {@link renew} follows and that waits for the person, after the
     * person said so: for example by a button that the page shows in the state `waiting`.
     *
     * @returns {Promise<RenewalView>}
     */
    resume(): Promise<RenewalView>;
    /**
     * Ends a renewal of this certificate: nothing of it stays on the token.
     *
     * @param {string | null} [renewal] its id, unless it is the one in progress
     * @returns {Promise<RenewalView>}
     */
    cancel(renewal?: string | null): Promise<RenewalView>;
    /**
     * Passes on the bank's word about a renewal, by which the agent retires the old certificate.
     *
     * @param {Outcome} outcome `first-login`: a login with the new certificate was seen;
     *   `old-revoked`: the old one is revoked
     * @param {string | null} [renewal] its id, unless it is the one in progress
     * @returns {Promise<RenewalView>}
     */
    outcome(outcome: Outcome, renewal?: string | null): Promise<RenewalView>;
    #private;
}
export type Cause = import("./discovery.js").Cause;
export type Limits = import("./discovery.js").Limits;
export type UnavailableStatus = import("./discovery.js").UnavailableStatus;
export type Agent = import("./messages.js").Agent;
export type Capability = import("./messages.js").Capability;
export type Certificate = import("./messages.js").Certificate;
export type Problem = import("./messages.js").Problem;
export type RenewalView = import("./messages.js").RenewalView;
export type State = import("./messages.js").State;
export type PermissionAnswer = import("./permission.js").PermissionAnswer;
export type Outcome = import("./renewal.js").Outcome;
export type AcquireOptions = import("./renewal.js").AcquireOptions;
export type RenewOptions = import("./renewal.js").RenewOptions;
export type Renewed = import("./renewal.js").Renewed;
export type ConnectOptions = {
    /**
     * the certificate of this login: SHA-256 of its DER, 64
     * lower-case hexadecimal digits, as the bank knows it from the TLS login. Without it any agent
     * of this person will do, for an acquisition
     */
    certificate?: string | undefined;
    /**
     * 47110 unless IT chose another range
     */
    firstPort?: number | undefined;
    /**
     * 64 unless IT chose another range
     */
    portCount?: number | undefined;
    /**
     * what the agent must be able to do; an agent that can't is a
     * `version-mismatch`
     */
    needs?: import("./messages.js").Capability[] | undefined;
    /**
     * of problem texts, as in `Accept-Language`: `ja`, `en`
     */
    language?: string | undefined;
    /**
     * ends the search; the promise is then rejected with its reason
     */
    signal?: AbortSignal | undefined;
    limits?: Partial<import("./discovery.js").Limits> | undefined;
    /**
     * the browser is about to ask the person whether this
     * site may reach programs on this PC: say that the question must be answered with "allow"
     */
    onPermissionPrompt?: (() => void) | undefined;
};
