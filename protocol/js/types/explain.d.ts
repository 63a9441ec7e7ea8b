/**
 * @typedef {import('./discovery.js').Cause} Cause
 * @typedef {import('./discovery.js').UnavailableStatus} UnavailableStatus
 * @typedef {'ja' | 'en'} Language
 *
 * @typedef {object} Explanation
 * @property {string} title what was found
 * @property {{ cause: Cause, text: string }[]} steps what to do, likely causes first
 */
/**
 * @param {{ status: UnavailableStatus, causes: readonly Cause[] }} unavailable
 * @param {Language} [language]
 * @returns {Explanation}
 */
export function explain({ status, causes }: {
    status: UnavailableStatus;
    causes: readonly Cause[];
}, language?: Language): Explanation;
export type Cause = import("./discovery.js").Cause;
export type UnavailableStatus = import("./discovery.js").UnavailableStatus;
export type Language = "ja" | "en";
export type Explanation = {
    /**
     * what was found
     */
    title: string;
    /**
     * what to do, likely causes first
     */
    steps: {
        cause: Cause;
        text: string;
    }[];
};
