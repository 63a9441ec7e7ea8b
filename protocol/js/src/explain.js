// Words for a page that has none of its own: what `Koshin.connect` found, and what the customer
// can do about each cause.

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
export function explain({ status, causes }, language = 'ja') {
  const { titles, steps } = TEXTS[language];
  return {
    title: titles[status],
    steps: causes.map((cause) => ({ cause, text: steps[cause] })),
  };
}

/**
 * @type {Record<Language, {
 *   titles: Record<UnavailableStatus, string>,
 *   steps: Record<Cause, string>,
 * }>}
 */
const TEXTS = {
  ja: {
    titles: {
      'permission-pending': 'ブラウザの確認メッセージへの回答を待っています',
      denied: 'ブラウザがこのパソコンのプログラムへの接続を許可していません',
      'version-mismatch': 'Koshin のバージョンがこのサイトに対応していません',
      'certificate-not-here': 'ログインに使った電子証明書がこのパソコンに見つかりません',
      'not-reachable': 'Koshin に接続できません',
    },
    steps: {
      'permission-unanswered':
        'アドレスバーの近くに表示される確認メッセージで「許可」を選んでください。表示されていないときは、ページを再度読み込んでください。',
      'permission-refused':
        'アドレスバー左側のサイト情報を開き、「ローカルネットワーク」または「このデバイス上のアプリ」への接続を許可してから、ページを再度読み込んでください。',
      'blocked-by-policy':
        '会社の設定で禁止されていることがあります。システム管理者に、このサイトからの接続の許可を依頼してください。',
      'agent-too-old': 'Koshin を最新版に更新してから、もう一度お試しください。',
      'agent-too-new': 'このサイトが新しい Koshin に対応していません。ヘルプデスクにご連絡ください。',
      'token-absent': 'ICカードやUSBトークンが差し込まれているか確認してから、もう一度お試しください。',
      'certificate-elsewhere':
        '電子証明書を取得したパソコンと利用者で Windows などにログインしているか確認してください。',
      'agent-problem':
        'Koshin がトークンを読み取れませんでした。トークンを差し直してから、もう一度お試しください。',
      'page-policy': 'このサイトの設定に誤りがあります。ヘルプデスクにご連絡ください。',
      'insecure-page': 'https:// で始まるアドレスからこのページを開き直してください。',
      'not-running': 'Koshin が起動しているか確認し、起動していないときは起動してください。',
      'not-installed': 'Koshin をまだインストールしていないときは、インストールしてください。',
      'site-not-listed':
        'この銀行の設定が Koshin に登録されているか確認してください。登録されていないサイトには応答しません。',
      'port-unanswered':
        'ほかのプログラムが Koshin の使う番号で待ち受けています。パソコンを再起動してから、もう一度お試しください。',
      'another-user':
        'ほかの利用者の Koshin には接続できません。ご自分の利用者名で Koshin を起動してください。',
    },
  },
  en: {
    titles: {
      'permission-pending': "The browser's question has not been answered yet",
      denied: 'The browser does not let this site reach programs on this PC',
      'version-mismatch': 'This version of Koshin does not fit this site',
      'certificate-not-here': 'The certificate of this login was not found on this PC',
      'not-reachable': 'Koshin cannot be reached',
    },
    steps: {
      'permission-unanswered':
        'Choose "Allow" in the question that the browser shows near the address bar. If there is none, reload the page.',
      'permission-refused':
        "Open the site information at the left of the address bar, allow access to the local network or to apps on this device, and reload the page.",
      'blocked-by-policy':
        "Your company's settings may forbid it: ask your system administrator to allow it for this site.",
      'agent-too-old': 'Update Koshin to the newest version and try again.',
      'agent-too-new': 'This site does not support your newer Koshin yet. Please call the help desk.',
      'token-absent': 'Check that the card or USB token is plugged in, and try again.',
      'certificate-elsewhere':
        'Check that this is the PC, and the user account, with which the certificate was obtained.',
      'agent-problem': 'Koshin could not read the token. Plug it in again and retry.',
      'page-policy': 'This site is not set up correctly. Please call the help desk.',
      'insecure-page': 'Open this page again by an address that begins with https://.',
      'not-running': 'Check that Koshin is running, and start it if it is not.',
      'not-installed': 'Install Koshin if it is not installed on this PC yet.',
      'site-not-listed':
        "Check that this bank's profile is registered with Koshin: it does not answer other sites.",
      'port-unanswered': 'Another program occupies a port of Koshin. Restart the PC and try again.',
      'another-user': "Koshin answers its own user only: start it under your own account.",
    },
  },
};
