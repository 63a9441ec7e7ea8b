# コマンドの文。標準出力はデータ、標準エラー出力は説明。エラーには次にすることを .hint に書く。

cli-error = エラー:
cli-warning = 警告:
cli-caused-by = 原因:
cli-hint = 対処:
cli-yes = はい
cli-no = いいえ
cli-days = { $days }日

cli-column-bank = 銀行
cli-column-key = 項目
cli-column-origin = 設定元
cli-column-origins = サイト
cli-column-profile = プロファイル
cli-column-rank = 追加した人
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
cli-profile-removed = プロファイル { $id } を削除しました。動作中のエージェントには再起動後に反映されます
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

cli-not-written = { $path } に書き込めませんでした
    .hint = フォルダーがあるか、書き込みが許可されているかを確認してください

# エージェント

# 証明書と更新
