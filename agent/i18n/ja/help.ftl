# 各コマンドとオプションの説明。manページもここから作る。コマンドを使う人向けなので、形式の名前を
# 書いてよい。

help-koshin = 銀行の電子証明書を更新します
    .arg-json = JSONで出力します(結果は標準出力、エラーは標準エラー出力)
    .arg-quiet = 結果とエラーだけを出力します
    .arg-color = 色を付けるとき
    .arg-language = 文と確認画面の言語
    .arg-help = この説明を表示します
    .arg-version = バージョンを表示します
    .notes =
        終了ステータス: 0 完了または不要、1 拒否または操作が必要、2 使い方か設定の誤り、
        3 Koshin の不具合。

help-run = エージェントを起動します(フォアグラウンド)
    .examples =
        koshin run
        KOSHIN_LOG=debug koshin run
    .notes =
        ログは標準エラー出力に出ます。KOSHIN_LOG で絞り込めます。

help-tray = トレイにアイコンを表示します(エージェントがなければ兼ねます)
    .arg-autostart = デスクトップへのログインのたびに表示するかどうかを決めて終わります
    .examples =
        koshin tray
        koshin tray --autostart on
    .notes =
        ログは標準エラー出力に出ます。KOSHIN_LOG で絞り込めます。

help-list = トークンにある銀行の証明書を一覧します
    .arg-all = 使わなくなったものや、由来のわからないものも一覧します
    .examples =
        koshin list
        koshin list --all
        koshin list --json

help-status = エージェント、モジュール、トークン、更新の状況を表示します
    .examples =
        koshin status
        koshin status --json

help-renew = ファイルを使って証明書を更新します
    .arg-name = 証明書。koshin list が示す名前か、IDの先頭。--cancel では取得の名義も指定できます
    .arg-csr-out = 証明書発行要求の出力先(PEM)。なければ標準出力
    .arg-proof-out = 古い鍵による証明の出力先(DER、CMS)
    .arg-nonce = 証明に使う銀行のノンス。16から64バイト、base64url(パディングなし)
    .arg-certificate = 認証局の回答。「-」は標準入力。PEM、DER、base64、証明書だけのCMS
    .arg-receipt-out = 認証局に渡す受領書の出力先(DER、CMS)
    .arg-cancel = 更新を取りやめます
    .arg-force = ファイルを上書きします
    .examples =
        鍵と発行要求、銀行のノンスに対する証明を作成する:
        {"  "}koshin renew keiri-01 --csr-out keiri-01.csr --proof-out keiri-01.p7s --nonce NONCE
        認証局の回答をインストールし、受領書を保存する:
        {"  "}koshin renew keiri-01 --certificate keiri-01.pem --receipt-out keiri-01-receipt.p7s
        取りやめる:
        {"  "}koshin renew keiri-01 --cancel

help-open = 証明書、更新の手続き、トークンをブラウザーで表示します
    .arg-print = ブラウザーを開かず、アドレスを表示します
    .examples =
        koshin open
        koshin open --print

help-audit = すべての更新の監査記録を表示、書き出し、検証します
    .arg-reference = 確認画面の受付番号で、一つの更新だけを表示します
    .arg-export = すべての記録の書き出し先(1行に1件のJSON)。「-」は標準出力
    .arg-force = --export のファイルを上書きします
    .arg-head = 控えておいた照合値。その記録があるか検証します
    .arg-proof = 銀行にある証明か受領書(DERまたはbase64)。その照合値の記録があるか検証します
    .arg-from = このパソコンの記録の代わりに、書き出したファイルを読みます
    .examples =
        表示して検証する:
        {"  "}koshin audit
        書き出す(最後の行の hash が控えておく照合値):
        {"  "}koshin audit --export trail.jsonl
        控えた照合値、または銀行にある証明の照合値で検証する:
        {"  "}koshin audit --head HEAD
        {"  "}koshin audit --proof proof.der
        書き出したものを別のパソコンで検証する:
        {"  "}koshin audit --from trail.jsonl

help-retire = 使わなくなった証明書と鍵を、一つずつ確認して削除します
    .arg-dry-run = 行うことを表示するだけで、何も変えません
    .arg-token = このトークンだけを、暗証番号を使って調べます
    .examples =
        koshin retire --dry-run
        koshin retire

help-recover = 異常終了やディスクの故障、他のプログラムが残したものを、一つずつ確認して直します
    .arg-dry-run = 行うことを表示するだけで、何も変えません
    .arg-token = このトークンだけを、暗証番号を使って調べます
    .examples =
        koshin recover --dry-run
        koshin recover
        koshin recover --token Shinkin-Demo

help-profile = 銀行のプロファイル

help-profile-list = プロファイルを、使えないものも含めて一覧します
    .examples =
        koshin profile list
        koshin profile list --json

help-profile-show = プロファイルの内容を表示します
    .arg-id = プロファイル(koshin profile list が示す名前)
    .examples =
        koshin profile show demo-bank

help-profile-add = 自分用のプロファイルを追加します(許可するサイトを画面で確認します)
    .arg-file = プロファイルのファイル。パスで指定された認証局の証明書は中に取り込みます
    .examples =
        koshin profile add Downloads/demo-bank.toml

help-profile-remove = 自分用のプロファイルを削除します
    .arg-id = プロファイル(koshin profile list が示す名前)
    .examples =
        koshin profile remove demo-bank

help-profile-check = プロファイルの誤りを調べます(指定したもの、なければすべて)
    .arg-files = プロファイルのファイル。Koshin のフォルダーになくてもかまいません
    .examples =
        koshin profile check
        koshin profile check demo-bank.toml

help-config = 設定

help-config-check = 設定ファイルの誤りを調べます
    .examples =
        koshin config check
        koshin config check --json

help-config-show = すべての設定を設定元とともに表示します
    .examples =
        koshin config show
        koshin config show --json

help-doctor = このパソコンで更新を妨げるものがないか調べます
    .examples =
        koshin doctor
        koshin doctor --json

help-support-bundle = ヘルプデスクに渡すファイルを作成します(氏名は含みません)
    .arg-file = 出力先。「-」は標準出力。なければ、このフォルダーに日時を名前にして作成します
    .examples =
        koshin support-bundle
        koshin support-bundle /tmp/koshin.txt
        koshin support-bundle - | less

help-completions = シェルの補完用スクリプトを出力します
    .arg-shell = シェル
    .examples =
        koshin completions bash > ~/.local/share/bash-completion/completions/koshin
        koshin completions zsh > ~/.zfunc/_koshin
        koshin completions fish > ~/.config/fish/completions/koshin.fish
        koshin completions powershell >> $PROFILE

help-help = コマンドの説明を表示します
    .arg-command = コマンド(profile add など)
    .examples =
        koshin help
        koshin help profile add
