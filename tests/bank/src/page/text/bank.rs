//! The banking site's texts.

use super::texts;

texts! {
    LOGIN_TITLE: "ログイン", "Log in";
    LOGIN_LEAD: "電子証明書が入ったカード（トークン）をパソコンに接続してから、ログインしてください。", "Connect the card or token that holds your certificate to this PC, then log in.";
    ID: "ID（管理者ID・利用者ID）", "ID (administrator or user)";
    PASSWORD: "ログインパスワード", "Login password";
    PASSWORD_HINT: "電子証明書の暗証番号（PIN）ではありません。", "This is not the PIN of your certificate.";
    LOGIN: "ログイン", "Log in";
    LOGIN_WRONG_TITLE: "ログインできませんでした", "Could not log in";
    LOGIN_WRONG: "ID またはパスワードが違います。パスワードを続けて5回まちがえると、15分間ログインできなくなります。", "The ID or the password is wrong. After five wrong passwords in a row you cannot log in for 15 minutes.";
    LOGIN_LOCKED: "パスワードを続けてまちがえたため、{time}までログインできません。時間をおいてからお試しください。", "Too many wrong passwords in a row: you cannot log in until {time}. Please try again later.";
    SHOWN_CERTIFICATE: "このブラウザーが提示している電子証明書", "The certificate that this browser shows";
    SHOWN_OWNER: "{user} の電子証明書（有効期限{day}）", "Certificate of {user} (valid until {day})";
    SHOWN_PROBLEM: "このままではログインできません。", "You cannot log in like this.";
    SHOWN_MAYBE_EXPIRED: "有効期限が切れた電子証明書は、多くのブラウザーでは提示されません。期限切れのあと{days}日以内なら、ID とパスワードを入力してログインすると、更新に進めます。", "Most browsers do not show a certificate that has expired. Within {days} days after its expiry you can log in with ID and password to renew it.";
    SHOWN_PROBLEM_LINK: "理由と対処方法", "Why, and what to do";
    ACQUIRE: "電子証明書取得", "Acquire a certificate";
    ACQUIRE_TEXT: "はじめてご利用の方、有効期限が切れて更新できない方は、電子証明書取得で新しい電子証明書を取得します。手続きに必要なワンタイムコードは、管理者または当金庫の窓口でお受け取りください。", "If you are new here, or your certificate has expired and can no longer be renewed, you acquire a fresh one. The one-time code for it comes from your administrator or from our branch.";
    ACQUIRE_LEAD: "ID とログインパスワードを入力して、電子証明書の取得に進みます。ワンタイムコードは、このあと Koshin の画面に入力します。この画面や電話、メールでお尋ねすることはありません。", "Enter your ID and login password to go on. You will type the one-time code into Koshin's own window: we never ask for it on this page, by phone or by e-mail.";
    ACQUIRE_GO: "取得に進む", "Go on";
    SAFETY: "当金庫がメールや電話で、ログイン画面へのリンクをお送りしたり、暗証番号をお尋ねしたりすることはありません。", "We never send links to the login page by e-mail, and never ask for your PIN by e-mail or phone.";

    NOTICE_TITLE: "電子証明書更新通知", "Certificate expiry notice";
    NOTICE_LEAD: "電子証明書の有効期限が近づいています。期限までに更新してください。", "Your certificate will expire soon. Please renew it before then.";
    NOTICE_LAST_DAY: "電子証明書の有効期限は本日までです。本日中に更新してください。", "Your certificate expires today. Please renew it today.";
    NOTICE_EXPIRED: "電子証明書の有効期限が切れました。{day}までは更新だけができます。", "Your certificate has expired. Until {day} you can still renew it, and nothing else.";
    TODAY: "現在の日付", "Today";
    EXPIRES: "有効期限", "Valid until";
    DAYS_LEFT: "残り日数", "Days left";
    DAYS_LEFT_VALUE: "あと {days} 日", "{days} days";
    DAYS_LEFT_ONE: "あと 1 日", "1 day";
    DAYS_LEFT_TODAY: "本日まで", "Until the end of today";
    DAYS_OVER: "期限切れ", "Expired";
    NOTICE_HOW: "更新は、メイン画面の「証明書更新」から数分でできます。更新してもログインパスワードは変わりません。", "You can renew in a few minutes through “Renew certificate” on the main page. Your login password stays the same.";
    TO_MAIN: "メインへ", "To the main page";
    BACK: "戻る", "Back";
    BACK_HINT: "「戻る」を選ぶとログアウトします。", "“Back” logs you out.";

    MAIN_TITLE: "メイン", "Main page";
    GREETING: "{name} 様", "Welcome, {name}";
    ROLE_ADMINISTRATOR: "管理者ID", "Administrator ID";
    ROLE_USER: "利用者ID", "User ID";
    THIS_LOGIN: "今回のログイン", "This login";
    LAST_LOGIN: "前回のログイン", "Last login";
    FIRST_LOGIN: "初めてのログインです", "This is your first login";
    BANNER_TITLE: "電子証明書の更新が必要です", "Your certificate must be renewed";
    BANNER: "有効期限（{day}）を過ぎると、法人インターネットバンキングをご利用いただけなくなります。", "After {day} you will no longer be able to use Corporate Internet Banking.";
    RENEW: "証明書更新", "Renew certificate";
    BANNER_EXPIRED_TITLE: "電子証明書の有効期限が切れています", "Your certificate has expired";
    BANNER_EXPIRED: "更新するまで、お取引はご利用いただけません。{day}までに更新してください。", "Until you renew it, you cannot use any service. Please renew by {day}.";
    PENDING_TITLE: "電子証明書の更新は承認待ちです", "Your renewal is waiting for approval";
    PENDING: "{requested}に受け付けました。承認されるまで、今の電子証明書（有効期限{day}）をお使いください。", "Received on {requested}. Until it is approved, use your present certificate (valid until {day}).";
    PENDING_EXPIRED: "{requested}に受け付けました。承認されて新しい電子証明書を受け取るまで、お取引はご利用いただけません。", "Received on {requested}. Until it is approved and you have received the new certificate, you cannot use any service.";
    PENDING_BUTTON: "状況を確認", "See the status";
    APPROVED_TITLE: "電子証明書の更新が承認されました", "Your renewal has been approved";
    APPROVED: "{last}までに、「証明書更新」から新しい電子証明書を受け取ってください。", "Receive the new certificate through “Renew certificate” by {last}.";
    REFUSED_TITLE: "電子証明書の更新は承認されませんでした", "Your renewal was not approved";
    REFUSED: "「証明書更新」から、もう一度お申し込みになれます。理由は電子証明書ヘルプデスクへお尋ねください。今の電子証明書の有効期限は{day}です。", "You can make a new request through “Renew certificate”. Ask the certificate help desk for the reason. The present certificate is valid until {day}.";
    RENEW_NOT_YET: "更新は{day}からできます。", "You can renew from {day} on.";
    CERTIFICATE: "ご利用中の電子証明書", "The certificate in use";
    SERIAL: "シリアル番号", "Serial number";
    SERVICES: "取引メニュー", "Services";
    SERVICE_BALANCE: "残高照会", "Balances";
    SERVICE_TRANSFER: "総合振込", "Bulk transfers";
    SERVICE_PAYROLL: "給与振込", "Payroll";
    SERVICES_DEMO: "見本サイトのため、取引はご利用いただけません。", "This sample site has no transactions.";

    CLEAN_TITLE: "新しい電子証明書でログインしました", "You logged in with the new certificate";
    CLEAN_DONE: "更新が完了し、以前の電子証明書は失効しました。このパソコンの Koshin にもお知らせしたので、以前の電子証明書は片付けられます。", "The renewal is complete and the previous certificate has been revoked. Koshin on this PC has been told, so the previous certificate will be tidied away.";
    CLEAN_ASK: "以前の電子証明書は失効しました。このパソコンに残っている以前の電子証明書を片付けるには、Koshin に知らせます。ブラウザーがこのパソコンへの接続を確認したときは「許可」を選んでください。", "The previous certificate has been revoked. To tidy it away from this PC, tell Koshin. If the browser asks about access to this PC, choose Allow.";
    CLEAN_BUTTON: "Koshin に知らせる", "Tell Koshin";
    CLEAN_WAIT: "Koshin に知らせています…", "Telling Koshin…";
    CLEAN_UNREACHABLE: "Koshin に接続できませんでした。以前の電子証明書はもう使えないので、このままでも支障はありません。次回のログインのときにもう一度お知らせします。", "Koshin could not be reached. The previous certificate can no longer be used, so nothing is at risk; we will try again at your next login.";

    HANDOVER_TITLE: "認証局のサイトへ移動します", "Going to the certification authority";
    HANDOVER_ACQUIRE: "電子証明書の取得は、{ca}のサイトで行います。画面が切り替わらないときは、下のボタンを押してください。", "You acquire a certificate on the site of {ca}. If the page does not change, press the button below.";
    HANDOVER: "電子証明書の更新は、{ca}のサイトで行います。画面が切り替わらないときは、下のボタンを押してください。", "Renewal takes place on the site of {ca}. If the page does not change, press the button below.";
    HANDOVER_BUTTON: "認証局のサイトへ", "Go to the certification authority";

    TOO_EARLY_TITLE: "まだ更新できません", "Too early to renew";
    TOO_EARLY: "電子証明書の更新は、有効期限の{window}日前（{day}）からできます。それまでは今の電子証明書をそのままお使いください。", "You can renew from {window} days before the expiry, that is from {day}. Until then, keep using your certificate.";
}
