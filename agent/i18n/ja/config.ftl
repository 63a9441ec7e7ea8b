# 設定ファイルや銀行プロファイルの誤り。どの文も「ファイル:行: 」に続く。

config-unreadable = 読み取れません: { $cause }
    .hint = ファイルがあるか、読み取りが許可されているかを確認してください
config-too-large = 1 MiBを超えています
    .hint = Koshinのファイルは数キロバイトです。ファイルをお間違えでないか確認してください
config-syntax = TOMLとして正しくありません: { $message }
    .hint = その行を直してください。文字列は引用符で囲みます
config-unknown-key = { $key } というキーはありません
    .hint = { $nearest ->
    [none] 削除するか、設定例にあるキーを使ってください
   *[other] { $nearest } のことですか
}
config-missing = { $key } がありません
    .hint = 設定例を参考に追加してください
config-wrong-type = { $key } には{ $expected ->
    [text] 引用符で囲んだ文字列
    [switch] true または false
    [number] 整数
    [texts] 文字列の一覧
    [tables] 表の一覧
   *[table] 表
}を書いてください
    .hint = 設定例を参照してください
config-bad-choice = { $key } に「{ $value }」は使えません
    .hint = { $nearest ->
    [none] 使える値: { $choices }
   *[other] 「{ $nearest }」のことですか。使える値: { $choices }
}
config-out-of-range = { $key } は { $least } から { $most } までです
    .hint = この範囲の値にしてください
config-bad-duration = { $key } の「{ $value }」は時間の長さではありません
    .hint = 「90s」「5m」「12h」「30d」のように、整数と単位で書いてください
config-not-whole-days = { $key } は日単位です。「{ $value }」は使えません
    .hint = 「30d」のように日数で書いてください
config-bad-text = { $key } は1行に表示できる1〜80文字にしてください
    .hint = 制御文字や前後の空白を取り除いてください
config-relative-path = { $key } には絶対パスを書いてください(「{ $value }」は使えません)
    .hint = パスを / から書いてください
config-bad-address = { $key } の「{ $value }」はメールアドレスではありません
    .hint = keiri@example.co.jp のように、名前を付けずに書いてください
config-mail-in-the-clear = mail.security = "none" が使えるのはこのパソコンのメールサーバーだけです({ $value } には使えません)
    .hint = メールサーバーに合わせて "starttls" か "tls" にしてください
config-duplicate = { $key } に「{ $value }」が二つあります
    .hint = 一つにしてください
config-system-only = { $key } を設定できるのはシステムのファイルだけです
    .hint = ここから削除するか、このパソコンの管理者にご相談ください
config-ports-beyond-end = ポート番号が65535を超えます
    .hint = bridge.first-port か bridge.port-count を小さくしてください
config-bad-origin = 「{ $value }」は正確なhttpsオリジンではありません: { $fault ->
    [scheme] https:// で始めてください
    [path] ホストとポートの後には何も書けません
    [user-info] ユーザー名は書けません
    [upper-case] ホストは小文字で書いてください
    [not-punycode] ホストはASCII(Punycode、xn--…)で書いてください
    [port] ポートは1〜65535で、先頭に0を付けず、443は省いてください
   *[host] ホスト名の形が正しくありません
}
    .hint = https://bank.example や https://bank.example:8443 のように、ブラウザーが送る形で書いてください
config-no-bank-origin = role が "bank" のオリジンがありません
    .hint = [[origins]] に銀行のサイトを role = "bank" として書いてください
config-empty = { $key } が空です
    .hint = 一つ以上書いてください
config-issuer-unreadable = { $path } を読み取れません: { $cause }
    .hint = パスはプロファイルのフォルダーが基準です。PEMの文字列をプロファイルに直接書くこともできます
config-not-a-certificate = 証明書がありません: { $cause }
    .hint = BEGIN CERTIFICATE から END CERTIFICATE までのPEMが必要です
config-not-a-public-key = 使える公開鍵がありません: { $cause }
    .hint = P-256の公開鍵を、BEGIN PUBLIC KEY から END PUBLIC KEY までのPEMで書いてください
config-not-an-attribute = 「{ $value }」はサブジェクトの属性ではありません
    .hint = OU=0001 のように、種類と値を書いてください（koshin list --json のsubjectと同じ形）
config-issuer-not-ca = 「{ $subject }」は認証局の証明書ではありません
    .hint = 発行された証明書ではなく、発行する認証局の証明書を書いてください
config-issuer-may-not-sign = 認証局「{ $subject }」には証明書への署名が許可されていません
    .hint = 発行用の認証局証明書を銀行から入手してください
config-issuer-signature = 認証局証明書「{ $subject }」の署名が正しくありません
    .hint = ファイルの破損か偽造です。銀行から入手し直してください
config-issuer-expired = 認証局証明書「{ $subject }」の有効期限が { $date } に切れています
    .hint = 新しい認証局証明書を銀行から入手してください
config-issuer-expires-soon = 認証局証明書「{ $subject }」の有効期限は { $date } です
    .hint = 次の認証局証明書が公開されたら追加してください
config-urgent-beyond-window = renewal.urgent が renewal.window を超えています
    .hint = 緊急とする日数は更新期間の内側にしてください
config-notice-beyond-window = お知らせ「{ $value }」が更新期間より前です
    .hint = お知らせは renewal.window 以後にしてください
config-origin-taken = オリジン { $value } はプロファイル { $other } のものです
    .hint = 一つのオリジンは一つのプロファイルだけのものです。インストール済みのものが常に優先されます
config-issuer-taken = 認証局「{ $subject }」はインストール済みのプロファイル { $other } のものです
    .hint = 自分で追加したプロファイルから、インストール済みの銀行の証明書は扱えません
config-subject-not-distinct = 認証局「{ $subject }」はプロファイル { $other } の銀行にも証明書を発行していますが、subject では二つの銀行の証明書を区別できません
    .hint = それぞれのプロファイルに、その銀行の証明書のサブジェクトにある属性を書いてください（例：subject = ["OU=0001"] と subject = ["OU=0002"]）
config-name-taken = 名前「{ $value }」はプロファイル { $other } のものです
    .hint = 別の名前にするか、もう一方を削除してください
config-user-profiles-off = このパソコンではインストール済みのプロファイルだけが許可されています
    .hint = このパソコンの管理者にご相談ください
config-bad-file-name = 「{ $value }」はプロファイルの名前に使えません
    .hint = a〜z、0〜9、ハイフンの名前に .toml を付けてください
config-module-absent = { $path } にモジュールがありません
    .hint = トークンのソフトウェアをインストールするか、パスを直してください
config-no-module = モジュールの指定がなく、p11-kitのモジュールも使わない設定です
    .hint = [[modules]] にトークンのモジュールを書くか、p11-kit = true にしてください
config-pinentry-absent = { $value } というプログラムがありません
    .hint = pinentry(Debianでは pinentry-gtk2 か pinentry-qt)をインストールするか、prompt.pinentry に指定してください
