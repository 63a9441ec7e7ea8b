/**
 * @param {number} milliseconds
 * @param {AbortSignal} signal
 */
export function sleep(milliseconds: number, signal: AbortSignal): Promise<any>;
/**
 * @typedef {import('./discovery.js').Search} Search
 * @typedef {import('./messages.js').RenewalView} RenewalView
 */
/** Failures by which an agent that is being restarted shows itself. */
export const AWAY: Set<string>;
/** Pauses between tries to reach an agent that went away, in milliseconds. */
export const FIRST_PAUSE: 250;
export const LONGEST_PAUSE: 5000;
/** The agent and the renewal that a page is connected to. */
export class Link {
    /**
     * @param {Endpoint} endpoint
     * @param {Search} search
     * @param {string | null} renewal
     */
    constructor(endpoint: Endpoint, search: Search, renewal: string | null);
    /** The id of the renewal in progress. */
    renewal: string | null;
    /** Goes on with it; there while it is followed.
     * @type {(() => Promise<RenewalView>) | null} */
    resume: (() => Promise<RenewalView>) | null;
    /**
     * @param {string} method
     * @param {string} path below the version
     * @param {unknown} body
     * @param {AbortSignal} [signal]
     * @returns {Promise<any>}
     */
    call(method: string, path: string, body: unknown, signal?: AbortSignal): Promise<any>;
    /**
     * @param {string} path below the version
     * @param {(line: any) => boolean} take
     * @param {number} limit
     * @param {AbortSignal} signal
     */
    follow(path: string, take: (line: any) => boolean, limit: number, signal: AbortSignal): Promise<boolean>;
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
    persist<T>(work: () => Promise<T>, id: string | null, signal: AbortSignal): Promise<T>;
    #private;
}
export type Search = import("./discovery.js").Search;
export type RenewalView = import("./messages.js").RenewalView;
import { Endpoint } from './http.js';
