//! The certification authority's texts.

use super::texts;

texts! {
    START_AT_BANK_TITLE: "銀行のサイトから始めてください", "Please start at the bank's site";
    START_AT_BANK: "電子証明書の更新は、法人インターネットバンキングにログインし、メイン画面の「証明書更新」から始めます。", "To renew a certificate, log in to Corporate Internet Banking and choose “Renew certificate” on the main page.";
    TICKET_TITLE: "受け付けの有効時間が過ぎました", "The hand-over has run out";
    TICKET: "銀行のサイトからの受け付けは、1分以内に1回だけ有効です。もう一度、メイン画面の「証明書更新」を選んでください。", "The hand-over from the bank's site works once, within one minute. Please choose “Renew certificate” on the main page again.";
    TO_BANK: "銀行のサイトへ", "Go to the bank's site";
    SESSION_OVER: "しばらく操作がなかったため、受け付けを終了しました。発行の途中だった場合も、銀行のサイトからもう一度始めると続きから進みます。", "There was no activity for a while, so we stopped. Start again from the bank's site: a renewal that was under way goes on from where it was.";
    NO_SCRIPT: "この手続きには JavaScript が必要です。ブラウザーの設定で有効にしてから、ページを開き直してください。", "This procedure needs JavaScript. Please switch it on in the browser and open the page again.";

    STEP_PREPARE: "準備", "Prepare";
    STEP_START: "開始", "Start";
    STEP_RENEW: "更新", "Renew";
    STEP_DONE: "完了", "Done";
    STEPS: "手続きの流れ", "Steps";

    PREPARE_TITLE: "電子証明書更新前処理中", "Preparing to renew your certificate";
    PREPARE: "更新の準備をしています。準備ができると、自動的に次の画面に進みます。", "We are getting ready. The next page comes by itself.";
    PREPARE_KEEP: "ブラウザーを閉じたり、「中止」や「最新の情報に更新」を使ったりしないでください。", "Please do not close the browser, and do not stop or reload the page.";
    PREPARE_ASK: "初めてのときは、ブラウザーが「このデバイス上の他のアプリやサービスへのアクセス」などの許可を求めます。Koshin と通信するためのものですので、「許可」を選んでください。", "The first time, the browser asks whether this site may access apps and services on this device. That is how the page talks to Koshin: please choose Allow.";
    PREPARE_WAITING: "ブラウザーの確認に「許可」で答えてください。", "Please answer the browser's question with Allow.";
    PREPARE_LIMIT: "1分以内に準備ができないときは、原因と対処方法をご案内します。", "If we are not ready within one minute, we will show what may be wrong and what to do.";

    START_TITLE: "電子証明書更新開始", "Ready to renew";
    START: "「更新」を押すと、Koshin が確認の画面と暗証番号（PIN）の入力画面を順に表示します。カード（トークン）は、完了の画面が出るまで抜かないでください。", "When you press Renew, Koshin asks you to confirm and to enter your PIN. Leave the card or token in until the last page is there.";
    START_WHICH: "更新する電子証明書", "The certificate to renew";
    START_WHO: "利用者", "ID";
    START_DIALOG: "確認の画面が見えないときは、ほかの画面の後ろに隠れていないかご確認ください。", "If you cannot see the dialog, look behind your other windows.";
    START_RESUME: "前回の続きから進みます。", "We go on where you left off.";
    RENEW: "更新", "Renew";

    WORK_TITLE: "電子証明書を更新しています", "Renewing your certificate";
    WORK: "画面に表示される確認に答えてください。このページは閉じないでください。", "Please answer the questions on the screen, and leave this page open.";
    WORK_CONSENT: "更新してよいかの確認", "Your consent";
    WORK_CONSENT_HINT: "「Web アクセスの確認」で「はい」を選んでください。", "Choose Yes in the dialog “Web アクセスの確認”.";
    WORK_PIN: "暗証番号（PIN）の入力", "PIN";
    WORK_PIN_HINT: "電子証明書の暗証番号（PIN）を入力してください。ログインパスワードではありません。", "Enter the PIN of your certificate. It is not the login password.";
    WORK_KEY: "新しい鍵の作成", "New key";
    WORK_KEY_HINT: "カード（トークン）の中で新しい鍵を作っています。", "A new key is being made inside the card or token.";
    WORK_ISSUE: "電子証明書の発行", "Issue";
    WORK_ISSUE_HINT: "認証局が新しい電子証明書を発行しています。", "The certification authority is issuing the new certificate.";
    WORK_INSTALL: "書き込みと確認", "Install and check";
    WORK_INSTALL_HINT: "2回目の「Web アクセスの確認」で「はい」を選んでください。", "Choose Yes in the second dialog “Web アクセスの確認”.";
    WORK_WAITING_CARD: "カード（トークン）を接続してください。接続すると続きから進みます。", "Please connect the card or token. We go on as soon as it is there.";
    WORK_WAITING_CLOCK: "新しい電子証明書の有効期間が始まるのを待っています。パソコンの時計が合っているかご確認ください。", "Waiting for the new certificate to become valid. Please check the clock of this PC.";
    WORK_WAITING_BANK: "認証局の発行を待っています。このままお待ちください。", "Waiting for the certification authority. Please leave this page open.";
    WORK_WAITING_PERSON: "Koshin の画面での操作を待っています。", "Waiting for you in Koshin's own window.";
    STATE_DONE: "済み", "done";
    STATE_CURRENT: "進行中", "in progress";

    UNREACHABLE_TITLE: "Koshin に接続できません", "Koshin cannot be reached";
    UNREACHABLE: "このパソコンの更新プログラム「Koshin」に接続できませんでした。お使いの電子証明書は、そのまま使えます。", "The renewal program Koshin on this PC could not be reached. Your certificate is untouched and still works.";
    ELSEWHERE: "Koshin は動いていますが、この ID の電子証明書が見つかりません。お使いの電子証明書は、そのまま使えます。", "Koshin is running, but the certificate of this ID is not there. Your certificate is untouched and still works.";
    UNREACHABLE_NOT_RUNNING: "Koshin が動いていない", "Koshin is not running";
    UNREACHABLE_NOT_RUNNING_STEP: "Koshin がインストールされていないときは、インストールします。インストール済みのときは、スタートメニューから Koshin を起動します。", "Install Koshin if it is not installed. If it is, start it from the start menu.";
    UNREACHABLE_CARD: "カード（トークン）が接続されていない", "The card or token is not connected";
    UNREACHABLE_CARD_STEP: "この ID の電子証明書が入ったカード（トークン）を接続します。", "Connect the card or token that holds the certificate of this ID.";
    UNREACHABLE_OTHER_USER: "別の利用者としてパソコンを使っている", "Koshin runs for another user of this PC";
    UNREACHABLE_OTHER_USER_STEP: "Koshin は、パソコンにサインインしている方ごとに動きます。ご自分のユーザーでサインインし直してください。", "Koshin runs separately for each user of the PC. Sign in to the PC as yourself.";
    UNREACHABLE_BLOCKED: "セキュリティソフトや会社の設定で止められている", "Security software or a company policy blocks it";
    UNREACHABLE_BLOCKED_STEP: "システム管理者の方に、このサイトから 127.0.0.1（ポート {ports}）への接続を許可するようご依頼ください。", "Ask your system administrator to allow this site to connect to 127.0.0.1 (ports {ports}).";
    DENIED_TITLE: "このパソコンへの接続が許可されていません", "Access to this PC is not allowed";
    DENIED: "ブラウザーの設定で、このサイトからこのパソコンへの接続がブロックされています。お使いの電子証明書は、そのまま使えます。", "The browser's settings block this site from connecting to this PC. Your certificate is untouched and still works.";
    DENIED_STEP_1: "アドレスバーの左にあるアイコンを押して、サイトの設定を開きます。", "Press the icon to the left of the address bar to open the site's settings.";
    DENIED_STEP_2: "「このデバイス上のアプリ」「ローカルネットワークへのアクセス」などの項目を「許可」に変えます。", "Set “Apps on device”, “Local network access” or the like to Allow.";
    DENIED_STEP_3: "設定を変えられないときは、会社の方針で止められています。システム管理者の方にご相談ください。", "If you cannot change it, your company's policy decides: please ask your system administrator.";
    DENIED_STEP_4: "変更したら、「もう一度試す」を押します。", "Then press Try again.";
    PROMPT_TITLE: "ブラウザーの確認に答えてください", "Please answer the browser's question";
    PROMPT: "ブラウザーが、このパソコンへの接続を許可するか尋ねています。アドレスバーの近くの確認で「許可」を選び、「もう一度試す」を押してください。", "The browser is asking whether this site may connect to this PC. Choose Allow near the address bar, then press Try again.";
    VERSION_TITLE: "Koshin の更新が必要です", "Koshin must be updated";
    VERSION: "このパソコンの Koshin は、このサイトで使える版ではありません。最新版をインストールしてから、もう一度お試しください。", "The Koshin on this PC is not a version that works with this site. Install the current version, then try again.";
    TRY_AGAIN: "もう一度試す", "Try again";

    DECLINED_TITLE: "更新を中止しました", "Renewal stopped";
    DECLINED: "確認の画面で「いいえ」または「キャンセル」が選ばれたため、更新を中止しました。お使いの電子証明書は、そのまま使えます。", "You chose No or Cancel in a dialog, so the renewal was stopped. Your certificate is untouched and still works.";
    DECLINED_REVOKED: "途中まで発行した新しい電子証明書は、失効させました。", "The new certificate that had been issued was revoked.";
    FAILED_TITLE: "更新できませんでした", "The renewal did not succeed";
    FAILED: "お使いの電子証明書は、そのまま使えます。", "Your certificate is untouched and still works.";
    FAILED_REMEDY: "対処方法", "What to do";
    FAILED_REFERENCE: "受付番号", "Reference";
    FAILED_UNKNOWN: "予期しない理由で中断しました。", "It was interrupted for an unexpected reason.";
    FAILED_LOST: "途中で Koshin との接続が切れました。Koshin が動いているか確かめてから、もう一度始めてください。発行済みの電子証明書があれば、続きから進みます。", "The connection to Koshin was lost. Check that Koshin is running and start again; a certificate that was already issued is delivered again.";
    FAILED_NETWORK: "認証局のサイトとの通信が切れました。接続を確かめてから、もう一度始めてください。発行済みの電子証明書があれば、続きから進みます。", "The connection to the certification authority was lost. Check your connection and start again; a certificate that was already issued is delivered again.";
    RECEIPT_TITLE: "あと少しで完了です", "Almost done";
    RECEIPT_LATE: "新しい電子証明書の書き込みは終わりましたが、認証局への完了の知らせがまだ届いていません。「もう一度試す」を押してください。", "The new certificate is installed, but the certification authority has not heard of it yet. Please press Try again.";
    START_AGAIN: "はじめからやり直す", "Start again";
    LATER: "銀行のサイトへ戻る", "Back to the bank's site";

    DONE_TITLE: "電子証明書発行", "Certificate issued";
    DONE: "発行完了", "Issued and installed";
    DONE_LEAD: "新しい電子証明書の書き込みが完了しました。", "The new certificate has been installed.";
    DONE_INFO: "電子証明書情報", "Certificate details";
    DONE_SERIAL: "シリアル番号", "Serial number";
    DONE_OWNER: "利用者", "ID";
    DONE_FROM: "有効期間の開始", "Valid from";
    DONE_UNTIL: "有効期限", "Valid until";
    DONE_NEXT: "次回からは、この電子証明書でログインしてください。", "From now on, log in with this certificate.";
    DONE_YEAR: "有効期間は1年間です。期限の30日前から更新できます。", "It is valid for one year. You can renew it from 30 days before its end.";
    DONE_PC: "この電子証明書は、このパソコン（またはこのカード）でだけ使えます。", "It works on this PC (or with this card) only.";
    DONE_CLOSE: "ブラウザーの画面を、いったんすべて閉じてください。閉じるまでは、以前の電子証明書が使われることがあります。", "Now close all windows of the browser once. Until you do, the browser may go on using the previous certificate.";
    DONE_CLOSE_BUTTON: "このウィンドウを閉じる", "Close this window";
    DONE_CLOSE_HINT: "ボタンで閉じない場合は、ウィンドウの「×」で閉じてください。", "If the button does not close it, use the window's own close button.";

    API_SESSION: "受け付けが終了しています。銀行のサイトからもう一度始めてください。", "The session has ended. Please start again from the bank's site.";
    API_SESSION_REMEDY: "銀行のサイトにログインし、「証明書更新」を選んでください。", "Log in to the bank's site and choose “Renew certificate”.";
    API_BAD_REQUEST: "申請の形式が正しくありません。", "The request is not in the right form.";
    API_BAD_SIGNATURE: "申請の署名を確認できません。", "The signature of the request is wrong.";
    API_BAD_PROOF: "今の電子証明書による署名を確認できません。", "The proof by the present certificate is wrong.";
    API_NONCE: "申請の有効時間が過ぎました。", "The request came too late.";
    API_KEY_USED: "新しい鍵が、すでに使われている鍵と同じです。", "The new key has been used before.";
    API_KEY_TYPE: "この種類の鍵には発行できません。", "No certificates are issued for this type of key.";
    API_SUBJECT: "申請の名義が、今の電子証明書と一致しません。", "The request is for another subject than the present certificate.";
    API_TOO_EARLY: "更新できる期間の前です。", "It is too early to renew.";
    API_TOO_LATE: "更新できる期間が過ぎています。", "It is too late to renew.";
    API_REVOKED: "今の電子証明書は失効しています。", "The present certificate has been revoked.";
    API_DELIVERED: "この申請の電子証明書は、お渡し済みです。", "The certificate for this request has been delivered already.";
    API_REJECTED: "この申請で発行した電子証明書は、失効しています。", "The certificate for this request has been revoked.";
    API_NOTHING: "お渡し待ちの電子証明書がありません。", "No certificate waits for delivery.";
    API_AGAIN: "はじめからやり直してください。くり返すときは、ヘルプデスクへご連絡ください。", "Please start again. If it happens again, call the help desk.";
    API_ACQUIRE: "ログイン画面の「電子証明書取得」をご覧ください。", "See “Acquire a certificate” on the login page.";
    API_UNAVAILABLE: "認証局は、ただいま発行を停止しています。", "The certification authority is not issuing right now.";
}
