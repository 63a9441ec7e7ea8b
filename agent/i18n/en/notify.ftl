# Notices on the desktop and by mail. None of them has a link.

notify-heading = Renew your certificate ({ $days ->
    [one] { $days } day
   *[other] { $days } days
} left)
notify-heading-today = Your certificate ends today
notify-heading-expired = Your certificate has expired
notify-line = { $name }: until { $date } ({ $days ->
    [one] { $days } day
   *[other] { $days } days
} left)
notify-line-today = { $name }: until today ({ $date })
notify-line-expired = { $name }: expired on { $date }
notify-what-to-do = Log in the way you always do, and renew it there.
notify-renew = Renew
notify-later = Later
notify-mail-subject = [{ $bank }] { $heading }
notify-mail-line = - { $line }
notify-mail-text = A certificate must be renewed.

    Bank: { $bank }
    Certificates:
    { $lines }

    Log in to the bank's site the way you always do, and renew it there.
    Once the time is over, this certificate will not log you in any more.

    This mail has no link to a login page. If you get a mail that has one, do not follow it, and
    ask here:

    { $bank }: { $help-desk }

    --
    Sent by the renewal program (Koshin) on your PC.
