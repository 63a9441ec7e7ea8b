# 問題ごとに三つの文: 何が起きたか / なぜか (.cause) / どうすればよいか (.remedy)。
# 読むのは経理の担当者。専門用語を使わず、次にすることを具体的に書く。
# 変数がわからないときは [unknown] の文を使う。

problem-bank = { $help-desk ->
    [unknown] 銀行のヘルプデスク
   *[other] 銀行のヘルプデスク（{ $help-desk }）
}

problem-bad-request = 銀行のページからの依頼を読み取れませんでした
    .cause = 依頼の内容が、このパソコンの更新プログラム Koshin の決まりに合っていません。
    .remedy = ブラウザーでページを開き直して、はじめからやり直してください。続くときは、{ problem-bank }へご連絡ください。

problem-not-found = 依頼された機能がありません
    .cause = 銀行のページと、このパソコンの Koshin の版が合っていないおそれがあります。
    .remedy = Koshin を新しい版にしてから、やり直してください。

problem-method-not-allowed = 依頼のしかたが正しくありません
    .cause = 銀行のページと、このパソコンの Koshin の版が合っていないおそれがあります。
    .remedy = Koshin を新しい版にしてから、やり直してください。

problem-unsupported-media-type = 依頼の形式が正しくありません
    .cause = 銀行のページが、Koshin の読めない形式で依頼を送りました。
    .remedy = ページを開き直して、やり直してください。続くときは、{ problem-bank }へご連絡ください。

problem-body-too-large = 依頼が大きすぎます
    .cause = 銀行のページが、Koshin が受け取れる大きさを超えるデータを送りました。
    .remedy = ページを開き直して、やり直してください。続くときは、{ problem-bank }へご連絡ください。

problem-too-many = 依頼が多すぎます
    .cause = 同じときに、たくさんの更新や依頼が行われています。
    .remedy = ほかの更新の画面を閉じ、1分ほど待ってからやり直してください。

problem-certificate-not-found = 更新する電子証明書が見つかりません
    .cause = { $token ->
        [unknown] つながっているICカードなどに、この銀行のその電子証明書が入っていません。
       *[other] 「{ $token }」に、この銀行のその電子証明書が入っていません。
    }
    .remedy = 今ログインしている電子証明書の入ったICカードなどを差し込んで、やり直してください。

problem-renewal-not-found = その更新は見つかりません
    .cause = 更新がすでに終わったか、別の銀行の更新です。
    .remedy = 銀行のページを開き直して、更新をはじめからやり直してください。

problem-wrong-state = 今はその操作ができません
    .cause = 更新が、その操作をする段階にありません。別の画面で先に進んだのかもしれません。
    .remedy = 銀行のページを開き直してください。更新の続きから始まります。

problem-too-early = まだ更新できません
    .cause = { $date ->
        [unknown] 更新できる期間が、まだ始まっていません。
       *[other] 更新できるのは{ $date }からです。
    }
    .remedy = 更新できる期間になってから、やり直してください。今の電子証明書はそのまま使えます。

problem-too-late = 更新できる期間を過ぎています
    .cause = { $date ->
        [unknown] 電子証明書の有効期限が切れ、更新の受け付けも終わりました。
       *[other] 更新の受け付けは{ $date }で終わりました。
    }
    .remedy = ログイン画面の「電子証明書取得」から、新しい電子証明書を取得してください。わからないときは、{ problem-bank }へご連絡ください。

problem-key-missing = 電子証明書の鍵が見つかりません
    .cause = 電子証明書はありますが、それと対になる鍵が同じICカードなどに入っていません。
    .remedy = 電子証明書を最初に入れたICカードなどか、パソコンで、やり直してください。わからないときは、{ problem-bank }へご連絡ください。

problem-key-type-unsupported = このICカードなどでは更新できません
    .cause = 銀行が認める種類の鍵を、このICカードなどでは作れません。
    .remedy = { problem-bank }へ、使えるICカードなどをお問い合わせください。

problem-request-signature-invalid = 銀行からの依頼だと確かめられませんでした
    .cause = 依頼に付いているはずの銀行の電子署名がないか、正しくありません。
    .remedy = 更新を中止しました。ページの住所（URL）が銀行のものか確かめ、{ problem-bank }へご連絡ください。

problem-consent-declined = 更新をしませんでした
    .cause = 確認の画面で「いいえ」が選ばれました。今の電子証明書はそのまま使えます。
    .remedy = 更新するときは、もう一度「更新」を押し、確認の画面で「はい」を選んでください。

problem-install-declined = 新しい電子証明書を入れませんでした
    .cause = 確認の画面で「いいえ」が選ばれました。今の電子証明書はそのまま使えます。
    .remedy = 更新するときは、銀行のページで更新をはじめからやり直してください。

problem-prompt-cancelled = 更新をとりやめました
    .cause = 確認または暗証番号の画面が、途中で閉じられました。今の電子証明書はそのまま使えます。
    .remedy = 更新するときは、もう一度「更新」を押してください。

problem-prompt-timed-out = 時間切れになりました
    .cause = 確認または暗証番号の画面に、時間内に返事がありませんでした。
    .remedy = もう一度「更新」を押してください。画面がほかのウィンドウの後ろに隠れていることがあります。

problem-prompt-unavailable = 確認の画面を出せません
    .cause = 確認や暗証番号の画面を出すプログラム（pinentry）が入っていないか、このパソコンの画面に出せません。
    .remedy = { $package ->
        [unknown] パソコンの画面の前でログインして、やり直してください。続くときは、パソコンの管理者へご連絡ください。
       *[other] パソコンの管理者に、パッケージ { $package } を入れてもらってください。
    }

problem-cancelled = 更新は取り消されました
    .cause = 銀行のページか、ほかのプログラムが、この更新を取り消しました。
    .remedy = 更新するときは、銀行のページで更新をはじめからやり直してください。

problem-expired = 更新の時間が切れました
    .cause = 始めてから時間がたちすぎたため、この更新は終わりになりました。
    .remedy = 銀行のページで、更新をはじめからやり直してください。

problem-pin-incorrect = 暗証番号が正しくありません
    .cause = { $tries ->
        [unknown] 入力された暗証番号を、ICカードなどが受け付けませんでした。
        [one] 入力された暗証番号を、ICカードなどが受け付けませんでした。入力できるのは、あと1回です。
       *[other] 入力された暗証番号を、ICカードなどが受け付けませんでした。入力できるのは、あと{ $tries }回です。
    }
    .remedy = ログインのパスワードではなく、電子証明書の暗証番号を確かめて、もう一度「更新」を押してください。続けて間違えると使えなくなります。わからないときは、入力せずに{ problem-bank }へご連絡ください。

problem-pin-locked = 暗証番号がロックされています
    .cause = 暗証番号の間違いが続いたため、ICカードなどが使えなくなっています。
    .remedy = { problem-bank }へ、ロックの解除をお申し込みください。

problem-pin-expired = 暗証番号の期限が切れているか、まだ設定されていません
    .cause = ICカードなどが、暗証番号の設定を求めています。
    .remedy = ICカードなどに付属のソフトで暗証番号を設定してから、やり直してください。わからないときは、{ problem-bank }へお問い合わせください。

problem-interrupted = 更新の途中でパソコンかKoshinが止まりました
    .cause = 新しい鍵を作っている間に止まったため、この更新は取りやめました。いまの電子証明書はそのまま使えます。
    .remedy = もう一度、更新を始めてください。

problem-pin-unknown = 暗証番号がわからないため、更新をとりやめました
    .cause = 「わからない」が選ばれました。これで入力できる回数が減ることはありません。
    .remedy = { problem-bank }へ、暗証番号についてお問い合わせください。

problem-token-not-found = 電子証明書の入ったICカードなどが見つかりません
    .cause = { $token ->
        [unknown] ICカードなどが差し込まれていないか、途中で抜かれました。
       *[other] 「{ $token }」が差し込まれていないか、途中で抜かれました。
    }
    .remedy = ICカードなどを差し込み、更新が終わるまで抜かずに、やり直してください。

problem-token-full = ICカードなどに書き込めません
    .cause = { $token ->
        [unknown] 空きがないか、書き込みが禁止されています。
       *[other] 「{ $token }」に空きがないか、書き込みが禁止されています。
    }
    .remedy = 使っていない古い電子証明書が入っていれば、{ problem-bank }に相談して消してから、やり直してください。

problem-module-failed = ICカードなどの読み取りに失敗しました
    .cause = { $module ->
        [unknown] ICカードなどを動かすプログラムが、途中で止まったか、返事をしませんでした。
       *[other] ICカードなどを動かすプログラム「{ $module }」が、途中で止まったか、返事をしませんでした。
    }
    .remedy = ICカードなどを差し直して、やり直してください。続くときは、パソコンを再起動してください。

problem-module-missing = ICカードなどを動かすプログラムがありません
    .cause = { $module ->
        [unknown] ICカードなどに付いてきたプログラム（ドライバー）が、Koshin に設定されていません。
       *[other] ICカードなどを動かすプログラム「{ $module }」を読み込めません。
    }
    .remedy = パソコンの管理者に、ICカードなどのプログラム（ドライバー）を入れ、Koshin の設定を確かめてもらってください。

problem-certificate-unreadable = 届いた電子証明書を読み取れません
    .cause = 認証局から届いたデータに、電子証明書が入っていないか、壊れています。
    .remedy = 今の電子証明書はそのまま使えます。更新をやり直し、続くときは、{ problem-bank }へご連絡ください。

problem-certificate-key-mismatch = 届いた電子証明書は、作った鍵のものではありません
    .cause = このパソコンで作った鍵と、届いた電子証明書の鍵が違うため、入れませんでした。
    .remedy = 今の電子証明書はそのまま使えます。更新をやり直し、続くときは、{ problem-bank }へご連絡ください。

problem-certificate-subject-mismatch = 届いた電子証明書の名義が違います
    .cause = 今の電子証明書と名義（会社名やID）が同じでないため、入れませんでした。
    .remedy = 今の電子証明書はそのまま使えます。{ problem-bank }へご連絡ください。

problem-certificate-untrusted = 届いた電子証明書の発行元を確かめられません
    .cause = この銀行の認証局が発行したものではないため、入れませんでした。
    .remedy = 今の電子証明書はそのまま使えます。ページの住所（URL）が銀行のものか確かめ、{ problem-bank }へご連絡ください。

problem-certificate-expired = 届いた電子証明書は期限が切れています
    .cause = { $date ->
        [unknown] 有効期限を過ぎているため、入れませんでした。
       *[other] 有効期限（{ $date }）を過ぎているため、入れませんでした。
    }
    .remedy = パソコンの日付と時刻が正しいか確かめて、やり直してください。正しいときは、{ problem-bank }へご連絡ください。

problem-certificate-not-yet-valid = 届いた電子証明書は、まだ使い始められません
    .cause = { $date ->
        [unknown] このパソコンの時計では、有効期間がまだ始まっていません。
       *[other] このパソコンの時計では、有効期間（{ $date }から）がまだ始まっていません。
    }
    .remedy = パソコンの日付と時刻が正しいか確かめてください。正しいときは、そのままお待ちください。

problem-certificate-not-later = 届いた電子証明書では期限が延びません
    .cause = 有効期限が、今の電子証明書と同じか、それより前のため、入れませんでした。
    .remedy = 今の電子証明書はそのまま使えます。{ problem-bank }へご連絡ください。

problem-certificate-wrong-usage = 届いた電子証明書はログインに使えません
    .cause = 電子証明書の用途に、ログイン（利用者の確認）が入っていないため、入れませんでした。
    .remedy = 今の電子証明書はそのまま使えます。{ problem-bank }へご連絡ください。

problem-proof-failed = 新しい電子証明書が使えることを確かめられませんでした
    .cause = ICカードなどに書き込みましたが、新しい鍵で試すと正しく動きませんでした。
    .remedy = 今の電子証明書はそのまま使えます。ICカードなどを差し直してから、更新をやり直してください。

problem-journal-unavailable = 更新の記録を読み書きできません
    .cause = このパソコンにある Koshin の記録が壊れているか、書き込めません。安全のため、何も作らず、何も消していません。
    .remedy = ディスクの空きを確かめて、パソコンの管理者へご連絡ください。

problem-internal = Koshin の中で問題が起きました
    .cause = 予期しない状態になったため、更新を止めました。
    .remedy = やり直してください。続くときは、受付番号を添えて、{ problem-bank }へご連絡ください。
