# コマンドの文。標準出力はデータ、標準エラー出力は説明。エラーには次にすることを .hint に書く。

cli-error = エラー:
cli-warning = 警告:
cli-caused-by = 原因:
cli-hint = 対処:
cli-reference = 受付番号:
cli-yes = はい
cli-no = いいえ
cli-days = { $days }日

cli-column-bank = 銀行
cli-column-certificate = 証明書
cli-column-certificates = 証明書数
cli-column-days = 残り日数
cli-column-expires = 有効期限
cli-column-id = ID
cli-column-key = 項目
cli-column-module = モジュール
cli-column-name = 名前
cli-column-number = 番号
cli-column-origin = 設定元
cli-column-origins = サイト
cli-column-owner = 操作元
cli-column-profile = プロファイル
cli-column-rank = 追加した人
cli-column-reference = 受付番号
cli-column-renewal = 更新
cli-column-state = 状況
cli-column-status = 状態
cli-column-step = 内容
cli-column-time = 日時
cli-column-token = トークン
cli-column-value = 値

# 設定

cli-origin-default = 既定値
cli-file-read = { $path }: 読み取りました
cli-file-absent = { $path }: ありません
cli-no-mistakes = 誤りはありません
cli-config-unusable = 設定に誤りがあります
    .hint = koshin config check ですべての誤りを表示します
cli-no-home = 設定と状態を保存する場所がありません
    .hint = HOME か、XDG_CONFIG_HOME と XDG_STATE_HOME に絶対パスを設定してください
cli-system = システムに拒否されました
    .hint = もう一度お試しください。繰り返すときは、上の原因を添えてご報告ください

# プロファイル

cli-rank-installed = 管理者
cli-rank-user = あなた
cli-no-profiles = 銀行のプロファイルがありません。銀行から受け取ったファイルを追加してください: koshin profile add ファイル
cli-profile-id = プロファイル
cli-profile-name = 銀行
cli-profile-file = ファイル
cli-profile-bank-site = 銀行のサイト
cli-profile-ca-site = 認証局のサイト
cli-profile-issuer = 認証局
cli-profile-subject = サブジェクトの条件
cli-profile-phone = ヘルプデスク
cli-profile-hours = 受付時間
cli-profile-pin = PINの呼び名
cli-profile-window = 更新開始(期限前)
cli-profile-grace = 更新終了(期限後)
cli-profile-urgent = 緊急(期限前)
cli-profile-notice = お知らせ(期限前)
cli-profile-key-types = 鍵の種類
cli-profile-retire = 古い証明書の削除
cli-profile-signed-requests = 署名付きの依頼
cli-retire-first-login = 新しい証明書での初回ログイン後
cli-retire-at-issue = 新しい証明書の動作確認後すぐ
cli-retire-expiry = 有効期限が切れたとき
cli-profile-added = プロファイル { $id } を追加しました。動作中のエージェントには再起動後に反映されます
cli-profile-removed = プロファイル { $id } を削除しました。動作中のエージェントには再起動後に反映されます
cli-profile-declined = プロファイルは追加されませんでした
    .hint = 何も変更されていません。お間違えのときは、もう一度追加してください
cli-profile-unanswered = 時間内に応答がなかったため、プロファイルは追加されませんでした
    .hint = もう一度実行し、ダイアログに答えてください
cli-profile-unasked = 確認ができなかったため、プロファイルは追加されませんでした
    .hint = ダイアログを表示できる画面か端末で、もう一度実行してください
cli-profile-unshowable = プロファイルのサイトが多すぎてダイアログに表示できないため、確認できません
    .hint = このパソコンの管理者にインストールを依頼してください
cli-profile-unusable = このプロファイルは使えません
    .hint = 誤りを直すか、提供元にお問い合わせください
cli-profile-exists = プロファイル { $id } はすでにあります
    .hint = 先に削除してください: koshin profile remove { $id }
cli-profile-installed = プロファイル { $id } は全ユーザー用にインストールされています
    .hint = このパソコンの管理者なら { $path } を削除できます
cli-profile-unknown = プロファイル { $id } はありません
    .hint = { $known ->
        [none] プロファイルは一つもありません
       *[other] 使えるもの: { $known }
    }

# ファイル

cli-file-exists = { $path } はすでにあります
    .hint = 別のファイル名にするか、--force を付けて上書きしてください
cli-not-written = { $path } に書き込めませんでした
    .hint = フォルダーがあるか、書き込みが許可されているかを確認してください
cli-not-read = { $path } を読み取れませんでした
    .hint = パスを確認してください
cli-answer-too-large = { $path } は認証局の回答としては大きすぎます
    .hint = 新しい証明書と、その上位の認証局証明書だけを入れてください

# エージェント

cli-profile-rejected = プロファイル { $path } は使えません。koshin profile check で理由を確認できます
cli-agent-version = バージョン
cli-agent-process = プロセス
cli-agent-port = ページ用ポート
cli-agent-no-port = なし(コマンド専用)。ページ用のエージェントは koshin run で起動します
cli-no-tokens = トークンがありません
cli-agent-runs = エージェントはすでに動作しています
    .hint = 動作中のものを使うか、先に終了してください
cli-no-port = 銀行のページ用に使えるポートがありません
    .hint = ポートを使っているプログラムを終了するか、設定の bridge.first-port を変えてください
cli-state-on-network = 状態のフォルダーが別のコンピューターのディスクにあります
    .hint = XDG_STATE_HOME に、このパソコンのディスク上のフォルダーを設定してください
cli-state-unusable = 状態のフォルダーを使えません
    .hint = 所有者と権限を直すか、XDG_STATE_HOME に自分のフォルダーを設定してください
cli-journal-unusable = 更新の記録を使えません
    .hint = 作成中の鍵の記録なので、削除しないでください。上の原因をご報告ください
cli-journal-of-another-pc = 更新の記録が別のパソコンのものです
    .hint = 状態のフォルダーはこのパソコンだけのものにします。XDG_STATE_HOME に、共有もコピーもされないフォルダーを設定してください
cli-journal-newer = 更新の記録は、より新しい Koshin が作成したものです
    .hint = このパソコンの Koshin を更新してください
cli-socket-path-too-long = 制御用ソケットのパスが長すぎます
    .hint = XDG_RUNTIME_DIR に、パスの短いフォルダーを設定してください
cli-socket-unusable = 制御用ソケットを作成できません
    .hint = 上の原因にあるものを取り除くか、XDG_RUNTIME_DIR に自分のフォルダーを設定してください
cli-agent-cannot-run = エージェントを起動できません
    .hint = 上の原因を取り除くか、ご報告ください
cli-agent-not-started = エージェントを起動できませんでした
    .hint = koshin run でログを確認してください
cli-agent-unreachable = エージェントから正しい応答がありません
    .hint = エージェントを終了してやり直してください。koshin run でログを確認できます
cli-agent-of-another-user = 制御用ソケットが別のユーザーのものです
    .hint = XDG_RUNTIME_DIR に自分のフォルダーを設定してください

# 証明書と更新

cli-module-missing = トークンを読むモジュールの指定がなく、p11-kitにも登録がありません
    .hint = トークンのソフトウェアをインストールするか、設定の [[modules]] にモジュールを書いてください
cli-no-certificates = お取引銀行の証明書が入ったトークンがありません
    .hint = トークンを接続してください。接続されたものは koshin status で確認できます
cli-status-not-yet-valid = 有効期間前
cli-status-valid = 有効
cli-status-due = 要更新
cli-status-urgent = 至急更新
cli-status-expired = 期限切れ(更新可)
cli-status-past-grace = 期限切れ
cli-certificate-unknown = 「{ $name }」という名前の証明書も、IDがそれで始まる証明書もありません
    .hint = 上の証明書の名前か、IDの先頭4桁以上({ $id } など)を指定してください
cli-certificate-ambiguous = 「{ $name }」に当てはまる証明書が二つ以上あります
    .hint = ID({ $id } など)で指定してください
cli-no-renewal = { $name } は更新中ではありません
    .hint = 更新を始めてください: koshin renew { $name } --csr-out ファイル
cli-renewal-found = { $name } は更新中です。続きから進めます
cli-acquisition-cancelled = { $name } の取得を取りやめました。作りかけの鍵は、次にトークンを開くときまでに片付けます
cli-renewal-cancelled = { $name } の更新を取りやめました。今の証明書はそのままです
cli-request-made = { $name } の証明書発行要求を作成しました。認証局に渡し、回答を受け取ったら: koshin renew { $name } --certificate ファイル
cli-renewal-stands = 更新を続けられません: { $state }
    .hint = koshin status で状況を確認してください
cli-waits-for-card = トークンを待っています
    .hint = トークンを接続して、もう一度実行してください
cli-waits-for-clock = このパソコンの時計では、新しい証明書の有効期間がまだ始まっていません
    .hint = 時計を確認するか、後でもう一度実行してください
cli-waits-for-bank = 認証局の回答待ちです
    .hint = 回答を受け取ったら、--certificate を付けて実行してください
cli-waits-for-person = お客さまの操作を待っています
    .hint = もう一度実行してください
cli-new-serial = 新しいシリアル番号
cli-new-expiry = 有効期限

cli-awaits-ca-since = 認証局の回答待ちです（{ $day }から）
cli-awaits-ca-hint = 承認された証明書を受け取るには、銀行のページで「証明書更新」を選ぶか、次を実行してください: koshin renew { $id } --certificate ファイル
cli-state-consent = 鍵を作成してよいか確認しています
cli-acquisition = { $name } の取得
cli-state-choose-token = 保管場所を確認しています
cli-state-enter-code = ワンタイムコードを確認しています
cli-state-authenticate = 暗証番号を確認しています
cli-state-key-intent = 鍵を作成しています
cli-state-key-ready = 鍵を作成しました
cli-state-request-ready = 証明書発行要求ができました
cli-state-awaiting-certificate = 認証局の回答を待っています
cli-state-received = 認証局の回答を確認しています
cli-state-verified = 証明書を確認しました
cli-state-consent-to-install = 証明書をインストールしてよいか確認しています
cli-state-install-intent = 証明書をインストールしています
cli-state-unproven = 新しい鍵の動作を確認しています
cli-state-proven = 新しい証明書を使えます
cli-state-grace = 新しい証明書を使えます。古い証明書も残っています
cli-state-retired = 完了しました。古い証明書は削除されました
cli-state-waiting = 待っています
cli-state-cancelled = 取りやめました
cli-state-failed = 失敗しました
cli-state-expired = 時間切れになりました

# 監査記録

cli-owner-command = コマンド
cli-trail-whole = { $count ->
    [0] 記録はまだありません
   *[other] 記録に欠けや変更はありません({ $count }件、照合値 { $head })
}
cli-trail-witnessed = { $later ->
    [0] 照合値は最後の記録({ $number }番)のものです
   *[other] 照合値は{ $number }番の記録のものです。その後に{ $later }件あります
}
cli-trail-flawed = 記録が書き換えられたか、壊れています
    .hint = 更新の記録のファイルをコピーして残し、パソコンの管理者に見せてください
cli-trail-missing = { $number }番から{ $other }番までの記録がありません
cli-trail-displaced = { $number }番の記録({ $time })は、もともと{ $other }番の次に書かれたものです。順序が変えられたか、間の記録が削除されました
cli-trail-altered = { $number }番の記録({ $time })が変えられたか、その前({ $other }番)の記録が変えられたか削除されました
cli-trail-cut = この照合値の記録がありません
    .hint = 終わりの記録が削除されたか、全体が書き直されたか、別のパソコンの照合値です
cli-trail-ends = 最後の記録は{ $number }番({ $time })です
cli-no-export = { $path } の{ $line }行目は、書き出した記録ではありません
    .hint = koshin audit --export で書き出したファイルを指定してください
cli-no-proof = { $path } は更新の証明でも受領書でもありません
    .hint = 申請とともに銀行に届いたファイルか、受領書を指定してください

# koshin doctor

cli-doctor-ok = 正常
cli-doctor-warning = 注意
cli-doctor-failed = 異常
cli-doctor-remedy = 対処:
cli-doctor-group-settings = 設定とプロファイル
cli-doctor-group-agent = エージェント
cli-doctor-group-tokens = モジュールとトークン
cli-doctor-group-readers = カードリーダー
cli-doctor-group-dialogs = 確認画面と通知
cli-doctor-group-journal = 更新の記録
cli-doctor-group-clock = 時計
cli-doctor-group-proxy = プロキシ
cli-doctor-group-browsers = ブラウザー
cli-doctor-all-well = 問題は見つかりませんでした
cli-doctor-found = 異常{ $failed }件、注意{ $warnings }件

# koshin support-bundle

cli-support-contains = ヘルプデスクに渡すファイルの内容:
cli-support-redacted = 暗証番号、鍵、ワンタイムコードは入りません。氏名、ホームフォルダー、トークンの製造番号(先頭以外)は取り除きます。
cli-support-made = まだ送信していません。{ $path } の内容を確かめてからお渡しください

# koshin recover, koshin retire, koshin list --all
cli-finding = { $kind ->
    [expired-certificate] 期限切れの証明書
    [old-certificate] 更新前の証明書
    [old-key] 消した証明書の鍵
    [given-up] とりやめた更新の鍵
    [unknown-key] 記録のない作りかけの鍵
    [half-object] 作りかけのもの
    [missing-certificate] 消された新しい証明書
   *[damaged-journal] 壊れていた記録
}
cli-column-finding = 内容
cli-column-result = 結果
cli-nothing-to-clear = あとかたづけの必要なものはありません
cli-cleared-done = 完了
cli-cleared-kept = そのまま
cli-cleared-failed = 失敗

# 説明と使い方

cli-help-usage = 使い方:
cli-help-commands = コマンド
cli-help-arguments = 引数
cli-help-options = オプション
cli-help-options-everywhere = 共通オプション
cli-help-examples = 例:
cli-help-command-value = コマンド
cli-help-options-value = [オプション]
cli-help-values = {" "}[{ $values }]
cli-help-default = (省略時: { $value })
cli-man-name = 名前
cli-man-synopsis = 書式
cli-man-description = 説明
cli-man-version = バージョン
cli-man-examples = 使用例
cli-did-you-mean = { $nearest } のことですか
cli-takes-one-of = 指定できるもの: { $values }
cli-no-command = { $value } というコマンドはありません
    .hint = koshin help でコマンドを確認できます
cli-command-missing = コマンドを指定してください
    .hint = koshin help でコマンドを確認できます
cli-no-argument = { $argument } はここでは使えません
    .hint = koshin help コマンド名 で使い方を確認できます
cli-no-value = { $argument } には値が必要です
    .hint = koshin help コマンド名 で使い方を確認できます
cli-bad-value = 「{ $value }」は { $argument } の値として使えません
    .hint = koshin help コマンド名 で使い方を確認できます
cli-arguments-conflict = { $argument } と { $value } は同時に使えません
    .hint = どちらか一方だけを指定してください
cli-arguments-missing = { $argument } がありません
    .hint = koshin help コマンド名 で使い方を確認できます
cli-bad-arguments = 指定を理解できません
    .hint = koshin help コマンド名 で使い方を確認できます
cli-progress-tokens = トークンを調べています
cli-progress-doctor = このパソコンを調べています

# koshin open

cli-opened = ブラウザーで開きました
cli-no-browser = ブラウザーを開けません
    .hint = koshin open --print で表示されるアドレスを、30 秒以内にブラウザーで開いてください
