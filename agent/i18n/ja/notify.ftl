# お知らせ（画面の通知とメール）。リンクは書かない。

notify-heading = 電子証明書の更新が必要です（あと{ $days }日）
notify-heading-today = 電子証明書の有効期限は今日までです
notify-heading-expired = 電子証明書の有効期限が切れています
notify-line = { $name }：{ $date }まで（あと{ $days }日）
notify-line-today = { $name }：今日（{ $date }）まで
notify-line-expired = { $name }：{ $date }に有効期限が切れました
notify-what-to-do = いつもの方法でログインして更新してください。
notify-renew = 更新する
notify-later = 後で
notify-mail-subject = 【{ $bank }】{ $heading }
notify-mail-line = 　・{ $line }
notify-mail-text = 電子証明書の更新についてお知らせします。

    金融機関：{ $bank }
    電子証明書：
    { $lines }

    更新は、いつもお使いの方法でインターネットバンキングにログインして行ってください。
    更新しないまま期限を過ぎると、この電子証明書ではログインできなくなります。

    このメールにはログイン画面へのリンクはありません。リンクのあるメールが届いても開かず、
    下記へお問い合わせください。

    お問い合わせ：{ $bank }　{ $help-desk }

    --
    このメールは、パソコンで動いている更新プログラム（Koshin）が自動でお送りしています。
