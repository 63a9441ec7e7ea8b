# トレイのアイコン、説明、メニュー

tray-title = 電子証明書の更新（Koshin）
tray-tip-none = 監視している電子証明書はありません。
tray-tip-not-running = 更新プログラムを起動しています。
tray-tip-all-well = 更新が必要な電子証明書はありません。
tray-tip-due = 更新が必要な電子証明書があります。
tray-tip-nearest = 次の有効期限：{ $date }（{ $left }）　{ $name }
tray-tip-quiet = 明日まで通知を表示しません。
tray-left = あと{ $days }日
tray-left-today = 今日まで
tray-left-expired = 期限切れ
tray-left-past-grace = 更新期間終了
tray-left-not-yet = まだ有効ではありません
tray-certificate = { $name }（{ $bank }）：{ $left }
tray-certificate-absent = { $name }（{ $bank }）：{ $left }・カードなし
tray-none = 電子証明書はありません
tray-renew = 更新する：{ $bank }
tray-quiet = 明日まで通知しない
tray-about = Koshin { $version } について
tray-about-text = Koshin { $version } は、インターネットバンキングの電子証明書の有効期限を見守り、更新をお手伝いするプログラムです。
tray-quit = 終了
tray-runs-already = トレイのアイコンはもう表示されています。
tray-no-desktop = デスクトップに接続できません
    .hint = デスクトップにログインした端末で実行してください
tray-autostart-on = ログイン時にアイコンを表示します: { $file }
tray-autostart-off = ログイン時にアイコンを表示しません。
