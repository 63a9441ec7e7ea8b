# 確認と暗証番号の画面。長い文は、画面に合わせて自動で折り返す。
# 行頭の全角空白は字下げで、値の位置をそろえる。1画面はおよそ300字まで。

prompt-title = Web アクセスの確認
prompt-yes = はい
prompt-no = いいえ
prompt-ok = OK

prompt-command = このパソコンのコマンド koshin

# $asker: サイトの住所か prompt-command。$kind: site か command
prompt-make-key =
    { $asker }
    （{ $bank }）

    { $kind ->
        [site] このサイトが、電子証明書の更新を求めています。
       *[command] このパソコンで、更新のコマンドが実行されました。
    }
    更新を始めてよいですか。［1/2］

    　電子証明書　：{ $name }
    　今の有効期限：{ $expiry }
    　保管場所　　：{ $token }

    「はい」　　新しい鍵を作ります。次に暗証番号を入力します。
    「いいえ」　何も変わりません。

    受付番号：{ $reference }

prompt-take-over =
    { $asker }
    （{ $bank }）

    ほかの画面で始めた更新を、ここで続けてよいですか。

    　始めたところ：{ $from }
    　電子証明書　：{ $name }
    　今の有効期限：{ $expiry }
    　保管場所　　：{ $token }

    「はい」　　ここで更新を続けます。
    「いいえ」　続けません。始めたところで続けられます。

    受付番号：{ $reference }

prompt-install =
    { $asker }
    （{ $bank }）

    新しい電子証明書が届きました。
    今の電子証明書と同じ場所に入れてよいですか。［2/2］

    　電子証明書　　：{ $name }
    　新しい有効期限：{ $new-expiry }
    　今の有効期限　：{ $expiry }
    　シリアル番号　：{ $serial }
    　保管場所　　　：{ $token }

    「はい」　　新しい電子証明書を入れます。
    「いいえ」　入れません。今の電子証明書を使い続けます。

    受付番号：{ $reference }

prompt-add-profile-title = 銀行の追加
prompt-add-profile =
    { $origins }

    これらのサイトに、電子証明書の更新を許可しますか。
    ファイルに書かれた名前：{ $bank }

    銀行から受け取ったファイルだけを追加し、アドレスを銀行の案内と見比べてください。
    「はい」　　追加します。
    「いいえ」　何も変わりません。

prompt-pin-title = { $pin-word }の入力
prompt-pin-field = { $pin-word }：
# pinentry-curses shows no dialog with a button of more than 23 bytes.
prompt-pin-unknown =
    { $place ->
        [terminal] わからない
       *[display] わからない・やめる
    }
prompt-pin =
    { $purpose ->
        [renew] 電子証明書を更新するため、
        [acquire] 電子証明書を取得するため、
        [install] 新しい電子証明書を入れるため、
        [acquired] 電子証明書を入れるため、
       *[clean-up] 使わなくなった電子証明書を片付けるため、
    }
    { $pin-word }を入力してください。

    　銀行　　　：{ $bank }
    　電子証明書：{ $name }
    　保管場所　：{ $token }

    ※ ログインのパスワードではありません。
    ※ わからないときは「{ $unknown }」を押してください。
    　 それで入力できる回数が減ることはありません。

    受付番号：{ $reference }

prompt-pin-empty = { $pin-word }が入力されていません。
prompt-pin-refused = { $pin-word }が違います。もう一度入力してください。
prompt-pin-few = 前に間違いがありました。続けて間違えるとロックされます。
prompt-pin-count = 続けて{ $count }回間違えています。次でロックされることがあります。迷ったら中止してください。
prompt-pin-last = あと1回間違えるとロックされ、使えなくなります。

# $purpose: 暗証番号が何のためか
prompt-task = { $purpose ->
    [acquire] 取得
    [acquired] 取得
   *[renew] 更新
}
prompt-help-title = { $pin-word }がわからないとき
prompt-help =
    { $pin-word }がわからないときは、
    入力せずに、下の窓口へお問い合わせください。

    　お問い合わせ：{ $help-desk }
    　保管場所　　：{ $token }
    　受付番号　　：{ $reference }

    「入力に戻る」　　もう一度、入力の画面を出します。
    「わからない」　　{ prompt-task }をやめて、窓口に問い合わせます。
    「{ prompt-task }をやめる」　今日は{ prompt-task }しません。

    どれを押しても、入力できる回数は減りません。
prompt-help-back = 入力に戻る
prompt-help-unknown = わからない
prompt-help-stop = { prompt-task }をやめる

prompt-reader =
    { $pin-word }を入力してください。
    カードリーダーのボタンを使います。
    （パソコンのキーボードでは入力できません）

    　電子証明書：{ $name }
    　保管場所　：{ $token }

    ※ ログインのパスワードではありません。
    ※ わからないときは、リーダーの「取消」を押してください。
    　お問い合わせ：{ $help-desk }

    受付番号：{ $reference }

prompt-problem-title = 電子証明書の更新
prompt-problem =
    { $title }

    { $cause }
    { $remedy }

    受付番号：{ $reference }

prompt-none-yet = まだありません

# 更新できる証明書を持っていない人のための取得
prompt-acquire =
    { $asker }
    （{ $bank }）

    このサイトが、電子証明書の取得を求めています。
    取得を始めてよいですか。［1/2］

    　電子証明書：{ $name }
    　名義：{ $subject }

    「はい」　　ワンタイムコードと暗証番号の入力に進みます。
    「いいえ」　何も変わりません。

    受付番号：{ $reference }

prompt-install-first =
    { $asker }
    （{ $bank }）

    電子証明書が届きました。
    このパソコンで使えるようにしますか。［2/2］

    　電子証明書　：{ $name }
    　有効期限　　：{ $new-expiry }
    　シリアル番号：{ $serial }
    　保管場所　　：{ $token }

    「はい」　　電子証明書を入れます。
    「いいえ」　入れません。銀行が失効させ、ワンタイムコードは
    　　　　　　もう使えません。

    受付番号：{ $reference }

prompt-install-instead =
    { $asker }
    （{ $bank }）

    電子証明書が届きました。
    期限切れのものと入れ替えてよいですか。［2/2］

    　電子証明書　：{ $name }
    　有効期限　　：{ $new-expiry }
    　シリアル番号：{ $serial }
    　保管場所　　：{ $token }
    　消す期限切れ：{ $old-expiry } までのもの

    「はい」　　電子証明書を入れ、使えると確かめてから、
    　　　　　　期限切れのものを鍵ごと消します。
    「いいえ」　入れません。銀行が失効させ、ワンタイムコードは
    　　　　　　もう使えません。

    受付番号：{ $reference }

prompt-acquire-stop = 取得をやめる
prompt-token-title = カード（トークン）の選択
prompt-token-this = これを使う
prompt-token-next = 次を見る
prompt-token =
    カード（トークン）が{ $count }つ接続されています。
    このカード（トークン）に入れますか。［{ $number }/{ $count }］

    　電子証明書　：{ $name }
    　保管場所　　：{ $token }
    　番号　　　　：{ $serial }

    受付番号：{ $reference }

prompt-code-title = ワンタイムコードの入力
prompt-code-field = ワンタイムコード：
prompt-code-malformed = ワンタイムコードは、ABCD-1234-EFGH-5678 のような16文字です。
prompt-code-refused = { $tries ->
    [unknown]
    銀行がこのコードを受け付けませんでした。
    もう一度入力してください。
   *[other]
    銀行がこのコードを受け付けませんでした。
    あと{ $tries }回間違えると使えなくなります。
}
prompt-code =
    { $bank }のワンタイムコードを入力してください。

    　電子証明書　：{ $name }

    電話で指示されていませんか。すぐに電話を切ってください。
    銀行が電話やメールでコードを尋ねることはありません。
    不審なときは、ご自分から銀行にお電話ください。
    　{ $help-desk }

    受付番号：{ $reference }

prompt-clear-up-title = あとかたづけ
# $kind: see koshin recover and koshin retire
prompt-clear-up =
    { $kind ->
        [expired-certificate] この電子証明書は有効期限が切れ、もう使われていません。
        [old-certificate] 新しい電子証明書が使えています。この前の電子証明書はもう要りません。
        [old-key] この鍵の電子証明書はすでに消されています。鍵はもう使われていません。
        [given-up] とりやめた更新の鍵が残っています。
        [unknown-key] Koshin に記録のない更新のために作られた鍵です。
        [half-object] 作りかけのまま残ったもので、だれにも使えません。
        [missing-certificate] 新しい電子証明書が、別のソフトで消されています。
       *[damaged-journal] 更新の記録が壊れていたため、別の名前で残しました。
    }
    { $kind ->
        [missing-certificate] 書き込み直してよいですか。
        [damaged-journal] 新しい記録で続けてよいですか。
       *[other] 削除してよいですか。
    }

    {"　"}名前：{ $name ->
        [unknown] －
       *[other] { $name }
    }
    { $kind ->
        [damaged-journal] {"　"}このファイルは消しません。
       *[other] {"　"}入っている場所：{ $token }
    }
    { $expiry ->
        [unknown] {""}
       *[other] {"　"}有効期限：{ $expiry }
    }

    「はい」　行います。削除したものは元に戻せません。
    「いいえ」　何も変えません。

    番号：{ $id }
