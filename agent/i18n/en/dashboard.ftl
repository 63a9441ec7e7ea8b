# What koshin open shows. Office clerks read it.

dashboard-title = Certificate renewal – Koshin
dashboard-no-script = To see this page, let your browser run JavaScript.
dashboard-other-language = 日本語
dashboard-skip = Skip to the content
dashboard-views = Views
dashboard-loading = Loading…
dashboard-live = Up to date
dashboard-lost = The connection is gone. Trying again…
dashboard-refresh = Look again
dashboard-failed = This cannot be shown
dashboard-session-over = This page can no longer be used
dashboard-session-over-remedy = Open it again: from the menu of the tray, or with the command koshin open
dashboard-details = Details

# Certificates

dashboard-certificates = Certificates
dashboard-due = A certificate must be renewed
dashboard-none-due = There is nothing to do now
dashboard-empty-certificates = No certificate of a bank was found. Put your card or USB token in, then press “Look again”.
dashboard-status-not-yet-valid = Not yet valid
dashboard-status-valid = Valid
dashboard-status-due = Can be renewed
dashboard-status-urgent = Renew now
dashboard-status-expired = Expired, renewable
dashboard-status-past-grace = Expired
dashboard-advice-renew = Log in to your bank’s site as usual and choose the renewal of the certificate.
dashboard-advice-acquire = It is too late for a renewal. Ask for a new certificate on your bank’s login page.
dashboard-renewing = Its renewal is under way
dashboard-days-left = { $days ->
    [0] Last day today
    [one] 1 day left
   *[other] { $days } days left
}
dashboard-days-ago = { $days ->
    [one] Expired yesterday
   *[other] Expired { $days } days ago
}
dashboard-span = { $from } – { $to }
dashboard-status-replaced = Replaced
dashboard-no-bank = No known bank
dashboard-bank = Bank
dashboard-holder = Issued to
dashboard-issuer = Issued by
dashboard-serial = Serial number
dashboard-key = Key
dashboard-key-unknown = { $type } (not looked for on the card)
dashboard-key-absent = { $type } (not on the card)
dashboard-token = Stored on
dashboard-legend-valid = Valid
dashboard-legend-window = Can be renewed
dashboard-legend-grace = Can be renewed after the end
dashboard-legend-today = Today

# Renewals

dashboard-renewals = Renewals
dashboard-empty-renewals = There has been no renewal yet.
dashboard-over = Past renewals
dashboard-steps = What happened so far
dashboard-reference = Reference
dashboard-remedy = What to do

# Cards and readers

dashboard-tokens = Cards and tokens
dashboard-readers = Card readers
dashboard-module = Driver
dashboard-empty-tokens = There is neither a card nor a USB token.
dashboard-empty-readers = There is no card reader.
dashboard-reader-full = Has a card
dashboard-reader-empty = Empty

# The trail

dashboard-audit = Record
dashboard-trail-whole = { $count ->
    [one] The only entry was verified.
   *[other] All { $count } entries were verified.
} Nothing was changed, and nothing is missing.
dashboard-trail-flawed = Somebody has changed the record, or it is damaged.
dashboard-empty-trail = There is no entry yet.
dashboard-head = Last entry’s check value
dashboard-number = No.
dashboard-time = Time
dashboard-step = What happened
dashboard-who = By

# Settings and doctor

dashboard-settings = Settings
dashboard-setting = Setting
dashboard-value = Value
dashboard-origin = From
dashboard-doctor = Health of this PC
dashboard-doctor-well = Nothing stands in the way of a renewal.
dashboard-doctor-found = Failures: { $failed }. Warnings: { $warnings }.
