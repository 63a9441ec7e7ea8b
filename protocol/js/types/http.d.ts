/**
 * @typedef {object} RequestOptions
 * @property {number} limit milliseconds until the request is given up
 * @property {AbortSignal} [signal]
 * @property {Promise<unknown>} [from] the limit's time runs from here (default: at once)
 */
/** The HTTP server on one port of 127.0.0.1. */
export class Endpoint {
    /**
     * @param {number} port
     * @param {string} [language] as in `Accept-Language`
     */
    constructor(port: number, language?: string);
    port: number;
    /**
     * The body of a successful answer.
     *
     * @param {string} method
     * @param {string} path
     * @param {unknown} body sent as JSON unless undefined
     * @param {RequestOptions} options
     * @returns {Promise<any>}
     * @throws {KoshinError} with the code of the problem document, or `unreachable`, `timed-out`
     *   or `not-an-agent`
     */
    request(method: string, path: string, body: unknown, options: RequestOptions): Promise<any>;
    /**
     * The objects of a stream of newline-delimited JSON, until it ends, breaks or its time is up.
     *
     * @param {string} path
     * @param {(line: any) => boolean} take returns true when it has seen enough
     * @param {RequestOptions} options
     * @returns {Promise<boolean>} whether `take` had seen enough
     */
    follow(path: string, take: (line: any) => boolean, options: RequestOptions): Promise<boolean>;
    #private;
}
export type RequestOptions = {
    /**
     * milliseconds until the request is given up
     */
    limit: number;
    signal?: AbortSignal | undefined;
    /**
     * the limit's time runs from here (default: at once)
     */
    from?: Promise<unknown> | undefined;
};
