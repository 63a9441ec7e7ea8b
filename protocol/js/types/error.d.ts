/**
 * @typedef {import('./messages.js').Problem} Problem
 * @typedef {import('./messages.js').State} State
 */
/** What went wrong: the code of a problem document, or one of the SDK's own codes. */
export class KoshinError extends Error {
    /**
     * @param {string} code a code of the agent's problem documents (see `ProblemCode`), or
     *   `unreachable`: the agent could not be reached;
     *   `timed-out`: it took longer than the limit;
     *   `not-an-agent`: something else answered;
     *   `connection-lost`: an agent that answered before no longer does
     * @param {{ problem?: Problem | null, state?: State | null, cause?: unknown }} [more]
     */
    constructor(code: string, { problem, state, cause }?: {
        problem?: Problem | null;
        state?: State | null;
        cause?: unknown;
    });
    /** The stable code. */
    code: string;
    /** The agent's problem document, in the reader's language: title, remedy, reference. */
    problem: import("./messages.js").Problem | null;
    /** Where the renewal ended, if it did: `cancelled`, `failed` or `expired`. */
    state: import("./messages.js").State | null;
}
export type Problem = import("./messages.js").Problem;
export type State = import("./messages.js").State;
