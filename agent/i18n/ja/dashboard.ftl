# koshin open で開く画面。事務の方が読みます。

dashboard-title = 電子証明書の更新 – Koshin
dashboard-no-script = この画面を表示するには、ブラウザーの JavaScript を有効にしてください。
dashboard-other-language = English
dashboard-skip = 本文へ進む
dashboard-views = 画面の切り替え
dashboard-loading = 読み込んでいます…
dashboard-live = 最新の状態を表示しています
dashboard-lost = 接続が切れました。つなぎ直しています…
dashboard-refresh = もう一度調べる
dashboard-failed = 表示できません
dashboard-session-over = この画面はもう使えません
dashboard-session-over-remedy = もう一度開いてください。トレイのメニューから開くか、次のように入力します: koshin open
dashboard-details = 詳しい情報

# 証明書

dashboard-certificates = 証明書
dashboard-due = 更新が必要な証明書があります
dashboard-none-due = いま必要な作業はありません
dashboard-empty-certificates = 銀行の電子証明書が見つかりません。カードまたは USB トークンを差し込んで、「もう一度調べる」を押してください。
dashboard-status-not-yet-valid = 有効期間前
dashboard-status-valid = 有効
dashboard-status-due = 更新できます
dashboard-status-urgent = 至急更新
dashboard-status-expired = 期限切れ（更新可）
dashboard-status-past-grace = 期限切れ
dashboard-advice-renew = いつもの方法で銀行のサイトにログインし、「証明書更新」を選んでください。
dashboard-advice-acquire = 更新できる期間が過ぎました。銀行のログイン画面から「電子証明書取得」へお進みください。
dashboard-renewing = 更新の手続き中です
dashboard-days-left = { $days ->
    [0] 今日まで
   *[other] あと { $days } 日
}
dashboard-days-ago = { $days } 日前に期限切れ
dashboard-span = { $from } – { $to }
dashboard-status-replaced = 更新済み（前の証明書）
dashboard-no-bank = 登録のない銀行
dashboard-bank = 銀行
dashboard-holder = 名義
dashboard-issuer = 発行者
dashboard-serial = シリアル番号
dashboard-key = 鍵
dashboard-key-unknown = { $type }（カードで確かめていません）
dashboard-key-absent = { $type }（カードにありません）
dashboard-token = 保管先
dashboard-legend-valid = 有効期間
dashboard-legend-window = 更新できる期間
dashboard-legend-grace = 期限後も更新できる期間
dashboard-legend-today = 今日

# 更新の手続き

dashboard-renewals = 更新の手続き
dashboard-empty-renewals = 更新の手続きは、まだありません。
dashboard-over = 終わった手続き
dashboard-steps = これまでの経過
dashboard-reference = 受付番号
dashboard-remedy = 対処

# カードと読み取り装置

dashboard-tokens = カード・トークン
dashboard-readers = カードリーダー
dashboard-module = ドライバー
dashboard-empty-tokens = カードも USB トークンも見つかりません。
dashboard-empty-readers = カードリーダーはありません。
dashboard-reader-full = カードあり
dashboard-reader-empty = カードなし

# 記録

dashboard-audit = 操作の記録
dashboard-trail-whole = 記録 { $count } 件をすべて検証しました。書き換えも欠落もありません。
dashboard-trail-flawed = 記録が書き換えられたか、壊れています。
dashboard-empty-trail = まだ記録はありません。
dashboard-head = 末尾の検証値
dashboard-number = 番号
dashboard-time = 日時
dashboard-step = できごと
dashboard-who = 操作元

# 設定と診断

dashboard-settings = 設定
dashboard-setting = 項目
dashboard-value = 値
dashboard-origin = 設定元
dashboard-doctor = パソコンの診断
dashboard-doctor-well = 更新を妨げるものはありません。
dashboard-doctor-found = 異常 { $failed } 件、注意 { $warnings } 件が見つかりました。
