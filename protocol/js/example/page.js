// A page with everything that a renewal needs, and nothing else. The bank's server answers four
// requests: the login's certificate and a nonce, the request, the receipt, the rejection.

import { explain } from '../src/explain.js';
import { Koshin, KoshinError } from '../src/koshin.js';

const STATES = {
  consent: '画面に表示された確認に「はい」か「いいえ」でお答えください。',
  authenticate: '暗証番号を入力してください。',
  'consent-to-install': '新しい電子証明書の保存について、画面の確認にお答えください。',
  waiting: 'しばらくお待ちください。',
};

const { certificate, nonce } = await ask('/api/login');
const koshin = await Koshin.connect({
  certificate,
  language: 'ja',
  onPermissionPrompt: () => say('ブラウザの確認メッセージが表示されたら「許可」を選んでください。'),
});

if (koshin.status === 'ready') {
  const button = /** @type {HTMLButtonElement} */ (document.getElementById('renew'));
  say(`有効期限: ${new Date(koshin.certificate?.not_after ?? 0).toLocaleDateString('ja-JP')}`);
  button.hidden = false;
  button.addEventListener('click', async () => {
    button.disabled = true;
    await renew(koshin);
    button.disabled = false;
  });
} else {
  const { title, steps } = explain(koshin, 'ja');
  say(title, steps.map(({ text }) => text));
}

/** @param {import('../src/koshin.js').Ready} koshin */
async function renew(koshin) {
  try {
    const renewed = await koshin.renew({
      certificate,
      nonce,
      submit: (request) => ask('/api/requests', request),
      receipt: (receipt) => ask('/api/receipts', receipt),
      reject: (problem, { renewal }) => ask('/api/rejections', { code: problem.code, renewal }),
      onProgress: ({ state }) => {
        if (state in STATES) say(STATES[/** @type {keyof typeof STATES} */ (state)]);
      },
    });
    say(`発行が完了しました。シリアル番号: ${renewed.certificate.serial}`);
  } catch (error) {
    if (!(error instanceof KoshinError)) throw error;
    const { problem, code } = error;
    say(problem?.title ?? code, problem ? [problem.remedy, `受付番号: ${problem.reference}`] : []);
  }
}

/**
 * @param {string} path
 * @param {unknown} [body]
 */
async function ask(path, body) {
  const response = await fetch(path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
    cache: 'no-store',
  });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.json();
}

/**
 * @param {string} message
 * @param {string[]} [steps]
 */
function say(message, steps = []) {
  const element = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
  element('message').textContent = message;
  const items = steps.map((text) => Object.assign(document.createElement('li'), { textContent: text }));
  element('steps').replaceChildren(...items);
}
