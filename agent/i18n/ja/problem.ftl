# 問題ごとに四つの文: 何が起きたか / なぜか (.cause) / どうすればよいか (.remedy) /
# 銀行のヘルプデスクが聞くこと、すること (.desk、docs/ERRORS.md にだけ出る)。
# 読むのは経理の担当者。専門用語を使わず、次にすることを具体的に書く。
# 変数がわからないときは [unknown] の文を使う。

problem-bank = { $help-desk ->
    [unknown] 銀行のヘルプデスク
   *[other] 銀行のヘルプデスク（{ $help-desk }）
}

# $kind: renew か acquire
problem-task = { $kind ->
    [acquire] 取得
   *[renew] 更新
}
problem-button = { $kind ->
    [acquire] 「電子証明書取得」
   *[renew] 「更新」
}
problem-kept = { $kind ->
    [acquire] 電子証明書の取得は終わっていません。
   *[renew] 今の電子証明書はそのまま使えます。
}

problem-bad-request = 銀行のページからの依頼を読み取れませんでした
    .cause = 依頼の内容が、このパソコンの更新プログラム Koshin の決まりに合っていません。
    .remedy = ブラウザーでページを開き直して、はじめからやり直してください。続くときは、{ problem-bank }へご連絡ください。
    .desk = Koshinとページの版が食い違っている、または広告遮断などの拡張機能が通信を書き換えています。拡張機能を切って開き直してもらい、続くときは受付番号を控えて開発元へ。

problem-not-found = 依頼された機能がありません
    .cause = 銀行のページと、このパソコンの Koshin の版が合っていないおそれがあります。
    .remedy = Koshin を新しい版にしてから、やり直してください。
    .desk = 「koshin --version」でお客さまの版を確かめ、古ければ更新を案内。銀行のページを最近変えていないかも確認。

problem-method-not-allowed = 依頼のしかたが正しくありません
    .cause = 銀行のページと、このパソコンの Koshin の版が合っていないおそれがあります。
    .remedy = Koshin を新しい版にしてから、やり直してください。
    .desk = 「koshin --version」でお客さまの版を確かめ、古ければ更新を案内。ページの不具合のこともあるので、件数が増えたら開発元へ。

problem-unsupported-media-type = 依頼の形式が正しくありません
    .cause = 銀行のページが、Koshin の読めない形式で依頼を送りました。
    .remedy = ページを開き直して、やり直してください。続くときは、{ problem-bank }へご連絡ください。
    .desk = お客さまにできることはありません。銀行のページの不具合なので、日時と受付番号を控えて開発元へ。

problem-body-too-large = 依頼が大きすぎます
    .cause = 銀行のページが、Koshin が受け取れる大きさを超えるデータを送りました。
    .remedy = ページを開き直して、やり直してください。続くときは、{ problem-bank }へご連絡ください。
    .desk = 認証局の応答に余分なものが入っていないか、認証局の担当へ確認。お客さまには復旧の連絡を約束。

problem-too-many = 依頼が多すぎます
    .cause = 同じときに、たくさんの更新や依頼が行われています。
    .remedy = ほかの更新の画面を閉じ、1分ほど待ってからやり直してください。
    .desk = 開いているタブやウィンドウの数を聞き、1つだけ残してもらう。社内で多数が同時に更新していないかも確認。

problem-certificate-not-found = 更新する電子証明書が見つかりません
    .cause = { $token ->
        [unknown] つながっているICカードなどに、この銀行のその電子証明書が入っていません。
       *[other] 「{ $token }」に、この銀行のその電子証明書が入っていません。
    }
    .remedy = 今ログインしている電子証明書の入ったICカードなどを差し込んで、やり直してください。
    .desk = どのICカードやUSBトークンでログインしたかを聞き、それを差し直してもらう。「koshin list」に出るかを確認。ブラウザーだけに入っている電子証明書は対象外。

problem-renewal-not-found = その{ problem-task }は見つかりません
    .cause = { problem-task }がすでに終わったか、別の銀行の{ problem-task }です。
    .remedy = 銀行のページを開き直して、{ problem-task }をはじめからやり直してください。
    .desk = 銀行の管理画面で、そのIDの更新が完了していないかを確認。完了していれば新しい電子証明書でのログインを案内。

problem-wrong-state = 今はその操作ができません
    .cause = { problem-task }が、その操作をする段階にありません。別の画面で先に進んだのかもしれません。
    .remedy = 銀行のページを開き直してください。{ problem-task }の続きから始まります。
    .desk = ほかのタブや別のパソコンで更新を進めていないかを聞く。ページを開き直せば続きから始まると伝える。

problem-too-early = まだ更新できません
    .cause = { $date ->
        [unknown] 更新できる期間が、まだ始まっていません。
       *[other] 更新できるのは{ $date }からです。
    }
    .remedy = 更新できる期間になってから、やり直してください。今の電子証明書はそのまま使えます。
    .desk = 電子証明書の有効期限を確かめ、更新できる最初の日を伝える。急ぐ事情（担当者の交代など）なら失効と再取得を案内。

problem-too-late = 更新できる期間を過ぎています
    .cause = { $date ->
        [unknown] 電子証明書の有効期限が切れ、更新の受け付けも終わりました。
       *[other] 更新の受け付けは{ $date }で終わりました。
    }
    .remedy = ログイン画面の「電子証明書取得」から、新しい電子証明書を取得してください。わからないときは、{ problem-bank }へご連絡ください。
    .desk = 本人確認のうえ、電子証明書の再取得に必要なワンタイムコードを発行。

problem-key-missing = 電子証明書の鍵が見つかりません
    .cause = 電子証明書はありますが、それと対になる鍵が同じICカードなどに入っていません。
    .remedy = 電子証明書を最初に入れたICカードなどか、パソコンで、やり直してください。わからないときは、{ problem-bank }へご連絡ください。
    .desk = 最初に取得したときのICカードやパソコンが手元にあるかを聞く。なければ失効のうえ再取得を案内。

problem-key-type-unsupported = このICカードなどでは{ problem-task }できません
    .cause = 銀行が認める種類の鍵を、このICカードなどでは作れません。
    .remedy = { problem-bank }へ、使えるICカードなどをお問い合わせください。
    .desk = ICカードやUSBトークンの型番を聞き、動作確認済みの一覧と照合。古い製品なら交換を案内。

problem-request-signature-invalid = 銀行からの依頼だと確かめられませんでした
    .cause = 依頼に付いているはずの銀行の電子署名がないか、正しくありません。
    .remedy = { problem-task }を中止しました。ページの住所（URL）が銀行のものか確かめ、{ problem-bank }へご連絡ください。
    .desk = お客さまに操作をやめてもらい、アドレスバーのURLを読み上げてもらう。銀行のURLと違えば偽サイトとして緊急対応。同じなら署名鍵の切り替えを担当へ確認。

problem-consent-declined = { problem-task }をしませんでした
    .cause = 確認の画面で「いいえ」が選ばれました。{ problem-kept }
    .remedy = { problem-task }するときは、もう一度{ problem-button }を押し、確認の画面で「はい」を選んでください。
    .desk = 「いいえ」はお客さまの選択です。覚えがなければ、ほかの人がパソコンを操作していないかを確認。

problem-install-declined = 新しい電子証明書を入れませんでした
    .cause = 確認の画面で「いいえ」が選ばれました。{ problem-kept }
    .remedy = { $kind ->
        [acquire] ワンタイムコードは1回しか使えません。取得するときは、{ problem-bank }から新しいコードを受け取って、はじめからやり直してください。
       *[renew] 更新するときは、銀行のページで更新をはじめからやり直してください。
    }
    .desk = 発行された新しい電子証明書は自動で失効します。失効済みかを管理画面で確認し、更新のやり直しを案内。

problem-prompt-cancelled = { problem-task }をとりやめました
    .cause = 確認または暗証番号の画面が、途中で閉じられました。{ problem-kept }
    .remedy = { problem-task }するときは、もう一度{ problem-button }を押してください。
    .desk = 画面を閉じた覚えがあるかを聞き、やり直しを案内。試行回数は減っていません。

problem-prompt-timed-out = 時間切れになりました
    .cause = 確認または暗証番号の画面に、時間内に返事がありませんでした。
    .remedy = もう一度{ problem-button }を押してください。画面がほかのウィンドウの後ろに隠れていることがあります。
    .desk = 確認の画面がブラウザーの後ろに隠れていないか、タスクバーを見てもらう。席を外さずにやり直しを案内。

problem-prompt-unavailable = 確認の画面を出せません
    .cause = 確認や暗証番号の画面を出すプログラム（pinentry）が入っていないか、このパソコンの画面に出せません。
    .remedy = { $package ->
        [unknown] パソコンの画面の前でログインして、やり直してください。続くときは、パソコンの管理者へご連絡ください。
       *[other] パソコンの管理者に、パッケージ { $package } を入れてもらってください。
    }
    .desk = リモート接続（SSHなど）で使っていないかを聞く。そうでなければ、管理者にpinentryのパッケージを入れてもらう。

problem-cancelled = { problem-task }は取り消されました
    .cause = 銀行のページか、ほかのプログラムが、この{ problem-task }を取り消しました。
    .remedy = { problem-task }するときは、銀行のページで{ problem-task }をはじめからやり直してください。
    .desk = 心当たりがなければ、タブを閉じたりログアウトしたりしていないかを聞き、やり直しを案内。

problem-expired = { problem-task }の時間が切れました
    .cause = 始めてから時間がたちすぎたため、この{ problem-task }は終わりになりました。
    .remedy = 銀行のページで、{ problem-task }をはじめからやり直してください。
    .desk = 認証局の審査が長引いていないかを確認。問題がなければ、やり直しを案内。

problem-pin-incorrect = 暗証番号が正しくありません
    .cause = { $tries ->
        [unknown] 入力された暗証番号を、ICカードなどが受け付けませんでした。
        [one] 入力された暗証番号を、ICカードなどが受け付けませんでした。入力できるのは、あと1回です。
       *[other] 入力された暗証番号を、ICカードなどが受け付けませんでした。入力できるのは、あと{ $tries }回です。
    }
    .remedy = ログインのパスワードではなく、電子証明書の暗証番号を確かめて、もう一度{ problem-button }を押してください。続けて間違えると使えなくなります。わからないときは、入力せずに{ problem-bank }へご連絡ください。
    .desk = 暗証番号を聞き出さないこと。ログインのパスワードと取り違えていないかを確認。残り1回ならそれ以上入力させず、ロック解除の手続きを案内。

problem-pin-locked = 暗証番号がロックされています
    .cause = 暗証番号の間違いが続いたため、ICカードなどが使えなくなっています。
    .remedy = { problem-bank }へ、ロックの解除をお申し込みください。
    .desk = Koshinでは解除できません。本人確認のうえ、カード発行元の手順でロックを解除するか、カードを交換。

problem-pin-expired = 暗証番号の期限が切れているか、まだ設定されていません
    .cause = ICカードなどが、暗証番号の設定を求めています。
    .remedy = ICカードなどに付属のソフトで暗証番号を設定してから、やり直してください。わからないときは、{ problem-bank }へお問い合わせください。
    .desk = ICカードの管理ソフトで暗証番号を設定してもらう。ソフトがなければ入手先を案内。

problem-interrupted = { problem-task }の途中でパソコンかKoshinが止まりました
    .cause = 新しい鍵を作っている間に止まったため、この{ problem-task }は取りやめました。{ problem-kept }
    .remedy = もう一度、{ problem-task }を始めてください。
    .desk = 停電や再起動があったかを聞き、やり直しを案内。前の電子証明書は使えます。途中で作った鍵はKoshinが片付けます。

problem-pin-unknown = 暗証番号がわからないため、{ problem-task }をとりやめました
    .cause = 「わからない」が選ばれました。これで入力できる回数が減ることはありません。
    .remedy = { problem-bank }へ、暗証番号についてお問い合わせください。
    .desk = 暗証番号は銀行にも分かりません。本人確認のうえ、再設定またはカード交換の手続きを案内。

problem-code-refused = ワンタイムコードが違うと、銀行が答えました
    .cause = { $tries ->
        [unknown] 入力されたワンタイムコードを、銀行が受け付けませんでした。
       *[other] 入力されたワンタイムコードを、銀行が受け付けませんでした。あと{ $tries }回間違えると、このコードは使えなくなります。
    }
    .remedy = 銀行から届いたワンタイムコードを確かめて、Koshin の画面にもう一度入力してください。わからないときは、{ problem-bank }へご連絡ください。
    .desk = コードを聞き出さないこと。控えと1文字ずつ見比べてもらう（英字のI・L・O・Uは使っていません）。使えなくなったときや見当たらないときは、本人確認のうえ新しいコードを発行。電話で誰かに操作を指示されていないかも聞く。

problem-token-not-found = 電子証明書の入ったICカードなどが見つかりません
    .cause = { $token ->
        [unknown] ICカードなどが差し込まれていないか、途中で抜かれました。
       *[other] 「{ $token }」が差し込まれていないか、途中で抜かれました。
    }
    .remedy = ICカードなどを差し込み、{ problem-task }が終わるまで抜かずに、やり直してください。
    .desk = 別の差し込み口に直接（USBハブを使わず）差してもらい、ランプがつくかを聞く。「koshin status」に出るかを確認。

problem-token-ambiguous = 同じICカードなどが2つ見つかりました
    .cause = { $token ->
        [unknown] 名前も番号も同じものが2つ差し込まれていて、どちらを使うのか決められません。
       *[other] 「{ $token }」という同じ番号のものが2つ差し込まれていて、どちらを使うのか決められません。
    }
    .remedy = この銀行で使わないほうを抜いて、やり直してください。
    .desk = 一方が他方の写しか、同じカードを2つのドライバーで見ている。1つだけを残して抜いてもらい、「koshin status」でどのドライバーに出るかを確認。

problem-token-full = ICカードなどに書き込めません
    .cause = { $token ->
        [unknown] 空きがないか、書き込みが禁止されています。
       *[other] 「{ $token }」に空きがないか、書き込みが禁止されています。
    }
    .remedy = 使っていない古い電子証明書が入っていれば、{ problem-bank }に相談して消してから、やり直してください。
    .desk = 「koshin list」で古い電子証明書が残っていないかを確認。使っていないと確かめたものだけ、カードの管理ソフトで消してもらう。

problem-token-maybe-full = ICカードなどに保存できませんでした
    .cause = { $token ->
        [unknown] 理由は分かりませんが、空きがないのかもしれません。
       *[other] 「{ $token }」から理由の通知がありません。空きがないのかもしれません。
    }
    .remedy = 使っていない電子証明書が残っていないかを「koshin list --all」で確かめ、「koshin retire」で消してから、やり直してください。
    .desk = 空きがないことを一般的なエラーとしか伝えないカードが多い。「koshin list --all」の表示を読んでもらい、消せるものがなければ差し直してもらって、機種を控える。

problem-module-failed = ICカードなどの読み取りに失敗しました
    .cause = { $module ->
        [unknown] ICカードなどを動かすプログラムが、途中で止まったか、返事をしませんでした。
       *[other] ICカードなどを動かすプログラム「{ $module }」が、途中で止まったか、返事をしませんでした。
    }
    .remedy = ICカードなどを差し直して、やり直してください。続くときは、パソコンを再起動してください。
    .desk = 差し直しとパソコンの再起動を案内。続くときは、ICカードの型番とドライバーの版を控え、ドライバーの更新を案内。

problem-module-missing = ICカードなどを動かすプログラムがありません
    .cause = { $module ->
        [unknown] ICカードなどに付いてきたプログラム（ドライバー）が、Koshin に設定されていません。
       *[other] ICカードなどを動かすプログラム「{ $module }」を読み込めません。
    }
    .remedy = パソコンの管理者に、ICカードなどのプログラム（ドライバー）を入れ、Koshin の設定を確かめてもらってください。
    .desk = ICカードの型番を聞き、ドライバーの入手先を案内。入れたあと「koshin config check」で確認。

problem-certificate-unreadable = 届いた電子証明書を読み取れません
    .cause = 認証局から届いたデータに、電子証明書が入っていないか、壊れています。
    .remedy = { problem-kept }{ problem-task }をやり直し、続くときは、{ problem-bank }へご連絡ください。
    .desk = 認証局の担当へ、更新番号と時刻を伝える。同じ電子証明書を再配信できるかを確認。

problem-certificate-key-mismatch = 届いた電子証明書は、作った鍵のものではありません
    .cause = このパソコンで作った鍵と、届いた電子証明書の鍵が違うため、入れませんでした。
    .remedy = { problem-kept }{ problem-task }をやり直し、続くときは、{ problem-bank }へご連絡ください。
    .desk = 別の依頼に発行した電子証明書が届いています。認証局の担当へ至急連絡。お客さまには失効の予定を伝える。

problem-certificate-subject-mismatch = 届いた電子証明書の名義が違います
    .cause = { $kind ->
        [acquire] 銀行が申し込みのときに示した名義（会社名やID）と同じでないため、入れませんでした。
       *[renew] 今の電子証明書と名義（会社名やID）が同じでないため、入れませんでした。
    }
    .remedy = { problem-kept }{ problem-bank }へご連絡ください。
    .desk = 社名や部署名の変更があったかを聞く。あれば更新ではなく再取得を案内。なければ認証局の担当へ。

problem-certificate-untrusted = 届いた電子証明書の発行元を確かめられません
    .cause = この銀行の認証局が発行したものではないため、入れませんでした。
    .remedy = { problem-kept }ページの住所（URL）が銀行のものか確かめ、{ problem-bank }へご連絡ください。
    .desk = URLを読み上げてもらい、偽サイトでないことを確認。認証局の切り替えがあった場合は、新しいプロファイルの配布を案内。

problem-certificate-expired = 届いた電子証明書は期限が切れています
    .cause = { $date ->
        [unknown] 有効期限を過ぎているため、入れませんでした。
       *[other] 有効期限（{ $date }）を過ぎているため、入れませんでした。
    }
    .remedy = パソコンの日付と時刻が正しいか確かめて、やり直してください。正しいときは、{ problem-bank }へご連絡ください。
    .desk = パソコンの年月日と時刻を読み上げてもらう。正しければ、認証局の担当へ連絡。

problem-certificate-not-yet-valid = 届いた電子証明書は、まだ使い始められません
    .cause = { $date ->
        [unknown] このパソコンの時計では、有効期間がまだ始まっていません。
       *[other] このパソコンの時計では、有効期間（{ $date }から）がまだ始まっていません。
    }
    .remedy = パソコンの日付と時刻が正しいか確かめてください。正しいときは、そのままお待ちください。
    .desk = パソコンの時計が遅れていないかを確認。時刻の自動合わせを案内。開始日が先の発行なら、その日まで待つと伝える。

problem-certificate-not-later = 届いた電子証明書では期限が延びません
    .cause = 有効期限が、今の電子証明書と同じか、それより前のため、入れませんでした。
    .remedy = { problem-kept }{ problem-bank }へご連絡ください。
    .desk = 認証局が前の電子証明書をもう一度届けた可能性があります。認証局の担当へ、更新番号を伝える。

problem-certificate-wrong-usage = 届いた電子証明書はログインに使えません
    .cause = 電子証明書の用途に、ログイン（利用者の確認）が入っていないため、入れませんでした。
    .remedy = { problem-kept }{ problem-bank }へご連絡ください。
    .desk = 認証局の発行設定（拡張キー使用法）の誤りです。認証局の担当へ。ほかのお客さまにも出ているかを確認。

problem-proof-failed = 新しい電子証明書が使えることを確かめられませんでした
    .cause = ICカードなどに書き込みましたが、新しい鍵で試すと正しく動きませんでした。
    .remedy = { problem-kept }ICカードなどを差し直してから、{ problem-task }をやり直してください。
    .desk = 差し直してやり直しを案内。2回続くときは、ICカードの故障を疑い、交換を案内。前の電子証明書は消えていません。

problem-new-certificate-gone = 新しい電子証明書がなくなっています
    .cause = { $token ->
        [unknown] ICカードなどから消されたため、前の電子証明書はそのまま残しました。
       *[other] 「{ $token }」から消されたため、前の電子証明書はそのまま残しました。
    }
    .remedy = 「koshin recover」を実行すると、新しい電子証明書を書き込み直せます。できないときは{ problem-bank }へご連絡ください。
    .desk = 書き込んだ後に別のソフトで消された。鍵が残っていれば「koshin recover」で書き込み直せる。それまでは前の電子証明書を失効させないこと。

problem-journal-set-aside = 更新の記録が壊れていました
    .cause = { $file ->
        [unknown] 壊れた記録は別の名前で残しました。安全のため、確かめていただくまで、何も作らず、何も消しません。
       *[other] 壊れた記録は「{ $file }」という名前で残しました。安全のため、確かめていただくまで、何も作らず、何も消しません。
    }
    .remedy = 「koshin recover --dry-run」でICカードなどの中身を確かめてから、「koshin recover」を実行してください。
    .desk = 別の名前で残したファイルは消さないよう伝える。「koshin recover --dry-run」で記録のない鍵が分かり、消す前に一つずつ確認が出る。ディスクの故障も疑う。

problem-journal-unavailable = 更新の記録を読み書きできません
    .cause = このパソコンにある Koshin の記録が壊れているか、書き込めません。安全のため、何も作らず、何も消していません。
    .remedy = ディスクの空きを確かめて、パソコンの管理者へご連絡ください。
    .desk = ディスクの空きと、ホームフォルダーに書き込めるかを管理者に確認してもらう。記録のファイルは消さず、控えを取ってもらう。

problem-internal = Koshin の中で問題が起きました
    .cause = 予期しない状態になったため、{ problem-task }を止めました。
    .remedy = やり直してください。続くときは、受付番号を添えて、{ problem-bank }へご連絡ください。
    .desk = 受付番号と時刻を控え、その番号を含むログを送ってもらい、開発元へ。更新は翌日でもできると伝える（期限が近いときは除く）。
