# koshin doctor とダッシュボードが示す診断の結果。問題があるときは対処を .remedy に書く。
# $system はディストリビューションの系統。

doctor-settings = 設定に誤りはありません
doctor-settings-unusable = 設定を使えません
    .remedy = 上の誤りを直してください。直し方は koshin config check で確認できます。
doctor-profile = プロファイル { $id } を使えます: { $path }
doctor-profile-doubtful = プロファイル { $id } は近いうちに変更が必要です: { $path }
    .remedy = 新しいプロファイルを銀行に問い合わせてください。
doctor-profile-rejected = プロファイル { $path } を使えません
    .remedy = 上の誤りを直すか、銀行からファイルを受け取り直してください。
doctor-no-profile = 銀行のプロファイルがありません
    .remedy = 銀行から受け取ったファイルを追加するか(koshin profile add ファイル)、全ユーザー用に { $path } に置いてください。
doctor-agent = エージェントが動作していて、ページからはポート{ $port }でつながります
doctor-no-agent = 銀行のページ用のエージェントが動作していません
    .remedy = koshin run で起動してください。コマンドだけを使うなら、そのつど自動で起動します。
doctor-agent-old = 動作中のエージェントはバージョン{ $version }、このプログラムは{ $own }です
    .remedy = エージェントを終了して、起動し直してください。
doctor-agent-unreachable = { $path } のエージェントが応答しません
    .remedy = エージェントを終了して、起動し直してください。別のユーザーのものなら、XDG_RUNTIME_DIR に自分のフォルダーを設定してください。
doctor-port-free = ページ用のポート{ $port }が空いています
doctor-port-unusual = エージェントのポートは{ $port }ですが、ページは{ $first }から{ $last }までを探します
    .remedy = 銀行の指示がなければ、設定から bridge.first-port を削除してください。
doctor-ports-taken = ポート{ $first }から{ $last }まで、すべて使用中です
    .remedy = 使用中のプログラムを終了するか(ss -ltnp で確認できます)、設定の bridge.first-port を変えてください。
doctor-origin-refused = サイト { $origin } から{ $count }回要求がありましたが、どのプロファイルにもないので拒否しました
    .remedy = お取引銀行のサイトなら、それを含むプロファイルを銀行に問い合わせてください。そうでなければ問題ありません。
doctor-module = モジュール { $module } は動作しています: { $path }
doctor-module-absent = モジュール { $module } がありません: { $path }
    .remedy = トークンのソフトウェアをインストールするか、設定の [[modules]] のパスを直してください。
doctor-module-failed = モジュール { $module } が動作しません: { $path }
    .remedy = トークンを挿し直してください。直らなければ、トークンのソフトウェアを入れ直してください。
doctor-no-module = トークンを読むモジュールの指定がなく、p11-kitにも登録がありません
    .remedy = トークンのソフトウェアをインストールするか{ $system ->
        [debian] (多くのカードでは sudo apt install opensc)
        [fedora] (多くのカードでは sudo dnf install opensc)
        [suse] (多くのカードでは sudo zypper install opensc)
        [arch] (多くのカードでは sudo pacman -S opensc)
       *[other] {""}
    }、設定の [[modules]] にモジュールを書いてください。
doctor-token = トークン { $token } には、お取引銀行の証明書が{ $count ->
    [0] ありません
   *[other] { $count }枚あります
}
doctor-pin-low = トークン { $token } の暗証番号が以前に間違っています(証明書{ $count }枚)
    .remedy = 推測で入力しないでください。間違いが続くとロックされます。銀行のヘルプデスクにお問い合わせください。
doctor-pin-locked = トークン { $token } の暗証番号がロックされています(証明書{ $count }枚)
    .remedy = 銀行のヘルプデスクに、ロックの解除を依頼してください。
doctor-no-token = トークンがありません
    .remedy = カードまたはUSBトークンを接続してください。接続済みなら、付属のプログラムで認識されているか確認してください。
doctor-no-certificate = お取引銀行の証明書が入ったトークンがありません
    .remedy = トークンに間違いがないか、プロファイルがお取引銀行のものかを確認してください。
doctor-service = スマートカードサービスが動作しています
doctor-no-service-needed = スマートカードサービスは動作していませんが、今あるトークンには不要です
doctor-no-service = スマートカードサービスが動作していません
    .remedy = ICカードとリーダーを使う場合: { $system ->
        [debian] sudo apt install pcscd のあと sudo systemctl enable --now pcscd.socket
        [fedora] sudo dnf install pcsc-lite のあと sudo systemctl enable --now pcscd.socket
        [suse] sudo zypper install pcsc-lite のあと sudo systemctl enable --now pcscd.socket
        [arch] sudo pacman -S pcsclite のあと sudo systemctl enable --now pcscd.socket
       *[other] PC/SCデーモン(pcscd)をインストールして起動してください
    }
doctor-service-failed = スマートカードサービスが正しく応答しません
    .remedy = 再起動してください: sudo systemctl restart pcscd
doctor-reader = リーダー { $reader } にカードはありません
doctor-reader-with-card = リーダー { $reader } にカードがあります
doctor-no-reader = スマートカードサービスがリーダーを認識していません
    .remedy = リーダーを使う場合は、挿し直して、ドライバーをインストールしてください{ $system ->
        [debian] (多くは sudo apt install libccid)
        [fedora] (多くは sudo dnf install pcsc-lite-ccid)
        [suse] (多くは sudo zypper install pcsc-ccid)
        [arch] (多くは sudo pacman -S ccid)
       *[other] {""}
    }。
doctor-card-unknown = リーダーのカードを、どのモジュールも認識していません
    .remedy = カードに付属のソフトウェアをインストールし、そのモジュールを設定の [[modules]] に書いてください。
doctor-display = 確認画面を表示できます
doctor-no-display = 画面がないので、確認はコマンドの端末にだけ表示されます
    .remedy = 銀行のページで更新するときは、デスクトップにログインしてください。
doctor-pinentry = pinentryが応答します: { $program }
doctor-no-pinentry = pinentryがないので、暗証番号を入力できません
    .remedy = { $system ->
        [debian] sudo apt install pinentry-qt
        [fedora] sudo dnf install pinentry-qt
        [suse] sudo zypper install pinentry-qt6
        [arch] sudo pacman -S pinentry
       *[other] QtまたはGTKのpinentryをインストールしてください。
    }
doctor-pinentry-absent = プログラム { $program } がありません
    .remedy = 設定の prompt.pinentry を直すか、削除してください。
doctor-pinentry-silent = { $program } がpinentryとして応答しません
    .remedy = 別のpinentryをインストールするか、設定の prompt.pinentry を直してください。
doctor-bus = セッションバス(D-Bus)が応答します
doctor-no-bus = セッションバス(D-Bus)が応答しないので、デスクトップに通知できません
    .remedy = デスクトップにログインし直してください{ $system ->
        [debian] 。直らなければ sudo apt install dbus-user-session
       *[other] 。
    }
doctor-journal = 更新の記録に問題はありません(監査記録{ $count }件)
doctor-no-journal = 更新の記録はまだありません
doctor-journal-damaged = 更新の記録を読み取れないか、壊れています: { $path }
    .remedy = 作成中の鍵の記録なので、削除しないでください。コピーを残して、ヘルプデスクにお問い合わせください。
doctor-journal-newer = 更新の記録は、より新しい Koshin が作成したものです: { $path }
    .remedy = このパソコンの Koshin を更新してください。
doctor-journal-of-another-pc = 更新の記録が別のパソコンのものです: { $path }
    .remedy = XDG_STATE_HOME に、共有もコピーもされないフォルダーを設定してください。
doctor-trail-flawed = 監査記録が{ $count }か所で変えられています
    .remedy = koshin audit で箇所を確認できます。記録のコピーを残して、パソコンの管理者に見せてください。
doctor-state-on-network = 状態のフォルダーが別のコンピューターのディスクにあります: { $path }
    .remedy = XDG_STATE_HOME に、このパソコンのディスク上のフォルダーを設定してください。
doctor-state-unusable = 状態のフォルダーを使えません: { $path }
    .remedy = 所有者と権限を直すか、XDG_STATE_HOME に自分のフォルダーを設定してください。
doctor-disk-full = 状態のフォルダーのディスクの空きが{ $room } MiBしかありません: { $path }
    .remedy = 空きを作ってから更新してください。
doctor-clock = 時計は、このパソコンの他の記録と合っています
doctor-clock-before-koshin = 時計が、この Koshin が作られた日より前になっています
    .remedy = 時刻の自動設定を有効にしてください: sudo timedatectl set-ntp true
doctor-clock-before-journal = 時計が戻されています。記録に、もっと後の時刻があります
    .remedy = 日付と時刻を確認し、時刻の自動設定を有効にしてください: sudo timedatectl set-ntp true
doctor-clock-not-hardware = 時計とハードウェアの時計が{ $minutes }分ずれています
    .remedy = 日付と時刻を確認し、時刻の自動設定を有効にしてください: sudo timedatectl set-ntp true
doctor-no-proxy = プログラム用のプロキシは設定されていません
doctor-proxy-passed-by = プロキシ({ $name })がありますが、このパソコン宛ての通信は通りません
doctor-proxy-swallows = プロキシ({ $name })が、このパソコン宛ての通信まで送ってしまいます
    .remedy = no_proxy に 127.0.0.1 を加えてください。
doctor-browsers-ask = ブラウザーのポリシーに指定はありません。ブラウザーが一度確認します
doctor-policy-allows = { $browser } は { $origin } からの接続を確認なしで許可します: { $path }
doctor-policy-blocks = { $browser } が { $origin } からの接続を禁止しています: { $path }
    .remedy = パソコンの管理者に許可を依頼してください。Chromium、Chrome、Edge、Braveは LoopbackNetworkAllowedForUrls、Firefoxは LocalNetworkAccess の SkipDomains です。
doctor-policy-proxies = { $browser } が、このパソコン宛ての通信をプロキシに送ります: { $path }
    .remedy = パソコンの管理者に、ProxyBypassList の <-loopback>、またはFirefoxの network.proxy.allow_hijacking_localhost の削除を依頼してください。
doctor-policy-unreadable = { $browser } のポリシーを読み取れません: { $path }
    .remedy = パソコンの管理者に修正を依頼してください。
