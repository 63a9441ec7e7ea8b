// The browser's permission for requests from a public site to this PC (Local Network Access).

/** The permission's names, newest first: browsers renamed and split it over time. */
const NAMES = ['loopback-network', 'local-network-access', 'local-network'];

/** How often a state that waits for the person is looked at again, beside its change event. */
const INTERVAL = 500;

/**
 * @typedef {'granted' | 'prompt' | 'denied' | 'unknown'} PermissionAnswer
 *   `unknown`: this browser has no such permission, so it asks nobody and refuses nothing
 */

/**
 * What the browser would say to a request to this PC now.
 *
 * @returns {Promise<PermissionAnswer>}
 */
export async function permission() {
  const status = await query();
  return status?.state ?? 'unknown';
}

/**
 * Resolves when the state is no longer `prompt`, or when the signal ends the wait.
 *
 * @param {AbortSignal} signal
 */
export async function answered(signal) {
  const status = await query();
  if (status?.state !== 'prompt') return;
  await new Promise((resolve) => {
    const look = async () => {
      if (signal.aborted || (await permission()) !== 'prompt') end();
    };
    const timer = setInterval(look, INTERVAL);
    const end = () => {
      clearInterval(timer);
      status.removeEventListener('change', look);
      signal.removeEventListener('abort', end);
      resolve(undefined);
    };
    status.addEventListener('change', look);
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
  });
}

/** @returns {Promise<PermissionStatus | null>} */
async function query() {
  for (const name of NAMES) {
    try {
      return await navigator.permissions.query(/** @type {any} */ ({ name }));
    } catch {
      // A name that this browser does not know, or no Permissions API at all.
    }
  }
  return null;
}
