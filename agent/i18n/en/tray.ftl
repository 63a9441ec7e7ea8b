# The tray's icon, its tooltip and its menu

tray-title = Certificate renewal (Koshin)
tray-tip-none = There is no certificate to watch.
tray-tip-not-running = The renewal program is starting.
tray-tip-all-well = No certificate needs renewing.
tray-tip-due = A certificate must be renewed.
tray-tip-nearest = Next to expire: { $name }, { $date } ({ $left })
tray-tip-quiet = Notices are off until tomorrow.
tray-left = { $days ->
    [one] { $days } day left
   *[other] { $days } days left
}
tray-left-today = ends today
tray-left-expired = expired
tray-left-past-grace = too late to renew
tray-left-not-yet = not valid yet
tray-certificate = { $name } ({ $bank }): { $left }
tray-certificate-absent = { $name } ({ $bank }): { $left }, card not in
tray-none = No certificates
tray-renew = Renew: { $bank }
tray-quiet = No notices until tomorrow
tray-about = About Koshin { $version }
tray-about-text = Koshin { $version } watches the certificates of your internet banking and helps to renew them in time.
tray-quit = Quit
tray-runs-already = The tray's icon is there already.
tray-no-desktop = no desktop session can be reached
    .hint = run it in a terminal of your desktop session
tray-autostart-on = The icon will be there after login: { $file }
tray-autostart-off = The icon will not be there after login.
