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
export function discover(search: Search): Promise<Found | Missed>;
/**
 * @typedef {import('./messages.js').Agent} Agent
 * @typedef {import('./messages.js').Capability} Capability
 * @typedef {import('./messages.js').Certificate} Certificate
 * @typedef {import('./messages.js').Problem} Problem
 */
/** The version of the API that this SDK speaks. */
export const API_VERSION: "v1";
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
export const LIMITS: Readonly<Limits>;
export type Search = {
    /**
     * null when nothing is to be renewed
     */
    certificate: string | null;
    firstPort: number;
    portCount: number;
    needs: readonly Capability[];
    language?: string | undefined;
    limits: Limits;
    signal?: AbortSignal | undefined;
    onPermissionPrompt?: (() => void) | undefined;
};
export type Found = {
    endpoint: Endpoint;
    agent: Agent;
    certificate: Certificate | null;
};
export type Cause = "permission-unanswered" | "permission-refused" | "blocked-by-policy" | "agent-too-old" | "agent-too-new" | "token-absent" | "certificate-elsewhere" | "agent-problem" | "page-policy" | "insecure-page" | "not-running" | "not-installed" | "site-not-listed" | "port-unanswered" | "another-user";
export type UnavailableStatus = "permission-pending" | "denied" | "version-mismatch" | "certificate-not-here" | "not-reachable";
export type Missed = {
    status: UnavailableStatus;
    /**
     * likely ones first
     */
    causes: Cause[];
    /**
     * those that answered, and cannot be used or do not hold it
     */
    agents: Agent[];
    /**
     * why an agent could not list its certificates
     */
    problem: Problem | null;
};
export type Probe = {
    is: "found";
    found: Found;
} | {
    is: "elsewhere" | "mismatch";
    agent: Agent;
} | {
    is: "faulty";
    agent: Agent;
    problem: Problem | null;
} | {
    is: "silent" | "nobody";
};
export type Agent = import("./messages.js").Agent;
export type Capability = import("./messages.js").Capability;
export type Certificate = import("./messages.js").Certificate;
export type Problem = import("./messages.js").Problem;
/**
 * milliseconds
 */
export type Limits = {
    /**
     * until a port has said who it is
     */
    agent: number;
    /**
     * until an agent has listed its tokens
     */
    certificates: number;
    /**
     * until the person has answered the browser's question
     */
    permission: number;
    /**
     * until any other request is answered
     */
    request: number;
    /**
     * until a stream of progress is opened anew
     */
    stream: number;
    /**
     * how long an agent may be away in the middle of a renewal
     */
    lost: number;
    /**
     * until a renewal is given up by the page (the agent keeps it)
     */
    renewal: number;
};
import { Endpoint } from './http.js';
