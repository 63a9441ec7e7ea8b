//! What is wrong with a certificate, and the way on.

use super::texts;

texts! {
    MISSING_TITLE: "電子証明書が提示されていません", "No certificate was shown";
    MISSING: "ログインには、電子証明書と ID・パスワードの両方が必要です。ブラウザーから電子証明書が送られてきませんでした。", "To log in you need your certificate as well as ID and password. Your browser did not send a certificate.";
    MISSING_STEP_1: "電子証明書が入ったカード（トークン）が、パソコンに接続されているか確認します。", "Check that the card or token with your certificate is connected to the PC.";
    MISSING_STEP_2: "ブラウザーの画面をすべて閉じてから、もう一度開きます。", "Close all windows of the browser, then open it again.";
    MISSING_STEP_3: "電子証明書の選択画面が出たら、ご自分の ID の電子証明書を選びます。「キャンセル」を選ぶと、この画面になります。", "When the browser asks for a certificate, choose the one with your own ID. Choosing Cancel leads here.";
    MISSING_STEP_4: "電子証明書をまだお持ちでないときは、ログイン画面の「電子証明書取得」をご覧ください。", "If you have no certificate yet, see “Acquire a certificate” on the login page.";

    EXPIRED_TITLE: "電子証明書の有効期限が切れています", "The certificate has expired";
    EXPIRED: "{user} の電子証明書は{day}で有効期限が切れ、更新できる期間も終わりました。", "The certificate of {user} expired on {day}, and the time in which it could be renewed is over.";
    EXPIRED_STEP_1: "新しい電子証明書をすでにお持ちのときは、ブラウザーの画面をすべて閉じ、もう一度開いて、新しいほうを選びます。", "If you already have a new certificate, close all windows of the browser, open it again and choose the new one.";
    EXPIRED_STEP_2: "お持ちでないときは、ログイン画面の「電子証明書取得」から新しい電子証明書を取得します。ワンタイムコードは、管理者または当金庫の窓口でお受け取りください。", "If not, acquire a fresh one through “Acquire a certificate” on the login page. The one-time code comes from your administrator or from our branch.";

    NOT_YET_TITLE: "電子証明書の有効期間がまだ始まっていません", "The certificate is not valid yet";
    NOT_YET: "{user} の電子証明書は{day}から使えます。", "The certificate of {user} can be used from {day} on.";
    NOT_YET_STEP: "その時刻を過ぎてから、もう一度ログインしてください。", "Please log in again after that time.";

    REVOKED_TITLE: "電子証明書は失効しています", "The certificate has been revoked";
    REVOKED: "{user} の電子証明書（シリアル番号の末尾 {serial}）は失効しているため、使えません。", "The certificate of {user} (serial number ending in {serial}) has been revoked and cannot be used.";
    REVOKED_STEP: "お心当たりがないときは、電子証明書ヘルプデスクへご連絡ください。", "If you did not expect this, please call the certificate help desk.";

    SUPERSEDED_TITLE: "以前の電子証明書でログインしようとしています", "You are logging in with your previous certificate";
    SUPERSEDED: "{user} の電子証明書は更新され、以前のもの（シリアル番号の末尾 {serial}）は失効しました。ブラウザーが、以前の電子証明書をまだ覚えています。", "The certificate of {user} was renewed, and the previous one (serial number ending in {serial}) has been revoked. Your browser still remembers the previous one.";

    FETCH_TITLE: "新しい電子証明書をお受け取りください", "Collect your new certificate";
    FETCH: "ID「{user}」の新しい電子証明書は発行済みですが、まだお手元に届いていません。これまでの電子証明書（シリアル番号 {serial}）は失効したため、受け取りの続きだけができます。", "A new certificate was issued for the ID {user}, but has not reached you yet. Your previous certificate (serial number {serial}) has been revoked, so all that it can do is to collect the new one.";
    FETCH_GO: "受け取りの続きへ", "Collect it";
    OLD_TITLE: "以前の電子証明書でログインしています", "You logged in with your previous certificate";
    OLD: "{user} の新しい電子証明書は、{delivered}に発行が完了しています。今回は、以前の電子証明書（シリアル番号の末尾 {serial}）でログインしました。ブラウザーを再起動すると、新しい電子証明書が使われます。", "A new certificate for {user} was installed on {delivered}. This login was made with the previous one (serial number ending in {serial}). Restart the browser so that it uses the new certificate.";
    OLD_CONTINUE: "今回はこのまま続ける", "Continue this time";

    RESTART_STEP_1: "ブラウザー（Google Chrome、Microsoft Edge、Firefox）の画面を、すべて閉じます。ほかのタブやほかのサイトの画面も閉じてください。", "Close every window of the browser (Google Chrome, Microsoft Edge, Firefox), other tabs and other sites included.";
    RESTART_STEP_2: "Google Chrome と Microsoft Edge は、閉じても動いていることがあります。画面右下の通知領域にアイコンがあれば、右クリックして「終了」を選びます。", "Google Chrome and Microsoft Edge may go on running. If their icon is in the notification area, right-click it and choose Exit.";
    RESTART_STEP_3: "ブラウザーをもう一度開いてログインし、電子証明書の選択画面では、有効期限が新しいほうを選びます。", "Open the browser again and log in; when it asks for a certificate, choose the one with the later expiry.";
    RESTART_STEP_4: "同じ画面になるときは、カード（トークン）の管理ソフトを終了するか、パソコンを再起動してから、もう一度お試しください。", "If you come here again, quit the software of your card or token, or restart the PC, and try once more.";

    FOREIGN_TITLE: "当金庫の電子証明書ではありません", "Not one of our certificates";
    FOREIGN: "提示された電子証明書は、当金庫の認証局が発行したものではありません。別の銀行や行政サービスの電子証明書が選ばれた可能性があります。", "The certificate that was shown was not issued by our certification authority. One of another bank or of a public service may have been chosen.";
    FOREIGN_STEP_1: "ブラウザーの画面をすべて閉じてから、もう一度開きます。", "Close all windows of the browser, then open it again.";
    FOREIGN_STEP_2: "電子証明書の選択画面で、発行者が「Mihon Corporate Banking CA」の電子証明書を選びます。", "When the browser asks for a certificate, choose one issued by “Mihon Corporate Banking CA”.";

    OTHER_TITLE: "別の ID の電子証明書です", "The certificate belongs to another ID";
    OTHER: "入力された ID は {entered} ですが、提示された電子証明書は {owner} のものです。ID と電子証明書は、同じ方のものをお使いください。", "You entered the ID {entered}, but the certificate that was shown is that of {owner}. ID and certificate must belong together.";
    OTHER_STEP_1: "{owner} としてログインするときは、ログイン画面に戻って、その ID を入力します。", "To log in as {owner}, go back to the login page and enter that ID.";
    OTHER_STEP_2: "{entered} としてログインするときは、ブラウザーの画面をすべて閉じ、もう一度開いて、{entered} の電子証明書を選びます。", "To log in as {entered}, close all windows of the browser, open it again, and choose the certificate of {entered}.";

    GOOD_TITLE: "電子証明書は使えます", "Your certificate is in order";
    GOOD: "{user} の電子証明書（シリアル番号の末尾 {serial}、有効期限{day}）が提示されています。", "The certificate of {user} is shown (serial number ending in {serial}, valid until {day}).";

    CHANGED_TITLE: "電子証明書が変わりました", "The certificate has changed";
    CHANGED: "ログインしたときとは別の電子証明書で接続されたため、ログインを終了しました。", "The connection now comes with another certificate than the login did, so the login was ended.";
}
