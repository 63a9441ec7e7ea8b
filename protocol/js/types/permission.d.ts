/**
 * @typedef {'granted' | 'prompt' | 'denied' | 'unknown'} PermissionAnswer
 *   `unknown`: this browser has no such permission, so it asks nobody and refuses nothing
 */
/**
 * What the browser would say to a request to this PC now.
 *
 * @returns {Promise<PermissionAnswer>}
 */
export function permission(): Promise<PermissionAnswer>;
/**
 * Resolves when the state is no longer `prompt`, or when the signal ends the wait.
 *
 * @param {AbortSignal} signal
 */
export function answered(signal: AbortSignal): Promise<void>;
/**
 * `unknown`: this browser has no such permission, so it asks nobody and refuses nothing
 */
export type PermissionAnswer = "granted" | "prompt" | "denied" | "unknown";
