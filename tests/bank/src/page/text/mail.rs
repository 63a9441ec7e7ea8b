//! The notice by mail.

use super::texts;

texts! {
    SUBJECT: "【{bank}】電子証明書の更新のお願い（有効期限 {day}）", "[{bank}] Please renew your certificate (valid until {day})";
    BODY: "{name} 様

いつも{bank}の{service}をご利用いただき、ありがとうございます。
お使いの電子証明書の有効期限が近づいています。

    有効期限  {day}（残り{days}日）

有効期限を過ぎると、ログインできなくなります。それまでに、いつもの方法でログインし、
メイン画面の「証明書更新」からお手続きください。お手続きには、電子証明書の入ったカード
（トークン）と、その暗証番号が必要です。すでに更新がお済みの場合は、このメールは不要です。

このメールには、ログイン画面へのリンクを載せていません。リンクの付いた似たメールが
届いたときは、リンクを開かずに、下記までお知らせください。

{bank} {desk}
電話 0120-000-000
{hours}
", "Dear {name},

Thank you for using {service} of {bank}.
Your certificate is about to expire.

    Valid until  {day} ({days} days left)

After that day you can't log in any more. Until then, please log in as you always do and
choose the renewal of the certificate on the main page. You need the card or token that
holds the certificate, and its PIN. If you have renewed it already, ignore this mail.

This mail has no link to the login page. Should you get a mail like this one with a link,
please don't follow it, and tell us.

{bank}, {desk}
Phone 0120-000-000
{hours}
";
}
