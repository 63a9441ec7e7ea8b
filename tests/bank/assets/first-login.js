// Tells the agent that the renewed certificate was used for a login, so that it retires the old
// one. By itself only where the browser asks nobody; otherwise when the customer presses.

import { Koshin } from './koshin/koshin.js';

const panel = document.getElementById('first-login');
const button = document.getElementById('tell');

button.addEventListener('click', tell);
if (['granted', 'unknown'].includes(await Koshin.permission())) await tell();

async function tell() {
  show('wait');
  try {
    const koshin = await Koshin.connect({
      // The old one: it is the one that the renewal was for, and it is still on the token.
      certificate: panel.dataset.certificate,
      firstPort: Number(panel.dataset.firstPort),
      portCount: Number(panel.dataset.portCount),
      language: document.documentElement.lang,
    });
    if (koshin.status === 'ready' && koshin.certificate.renewal) {
      await koshin.outcome('first-login');
    } else if (koshin.status !== 'certificate-not-here' && koshin.status !== 'ready') {
      show('unreachable');
      return;
    }
    // An agent that no longer has the old certificate has nothing left to hear.
    await fetch('/first-login', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ csrf: panel.dataset.csrf }),
    });
    show('done');
  } catch {
    show('unreachable');
  }
}

function show(name) {
  for (const part of panel.querySelectorAll('[data-when]')) {
    part.hidden = part.dataset.when !== name;
  }
}
