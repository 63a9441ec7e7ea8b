# サポート用ファイルの内容。

support-program = プログラム、システム、日時
support-settings = 設定とその設定元
support-doctor = koshin doctor の結果
support-modules = モジュールとトークン
support-renewals = 更新(確認画面の受付番号つき)
support-trail = 監査記録
support-log = ログの終わり
