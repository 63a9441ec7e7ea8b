# What the commands say. stdout is data, stderr is talk; errors are lowercase fragments with the
# next action as .hint.

cli-error = error:
cli-warning = warning:
cli-caused-by = caused by:
cli-hint = hint:
cli-reference = reference:
cli-yes = yes
cli-no = no
cli-days = { $days ->
    [one] { $days } day
   *[other] { $days } days
}

cli-column-bank = BANK
cli-column-certificate = CERTIFICATE
cli-column-certificates = CERTIFICATES
cli-column-days = DAYS
cli-column-expires = EXPIRES
cli-column-id = ID
cli-column-key = KEY
cli-column-module = MODULE
cli-column-name = NAME
cli-column-number = NO
cli-column-origin = FROM
cli-column-origins = SITES
cli-column-owner = BY
cli-column-profile = PROFILE
cli-column-rank = ADDED BY
cli-column-reference = REFERENCE
cli-column-renewal = RENEWAL
cli-column-state = STATE
cli-column-status = STATUS
cli-column-step = STEP
cli-column-time = TIME
cli-column-token = TOKEN
cli-column-value = VALUE

# Settings

cli-origin-default = default
cli-file-read = { $path }: read
cli-file-absent = { $path }: not there
cli-no-mistakes = no mistakes found
cli-config-unusable = the settings cannot be used
    .hint = koshin config check lists every mistake
cli-no-home = there is no place for settings and state
    .hint = set HOME, or XDG_CONFIG_HOME and XDG_STATE_HOME, to paths from the root
cli-system = the system refused
    .hint = try again; if it happens again, report it with the cause above

# Profiles

cli-rank-installed = IT
cli-rank-user = you
cli-no-profiles = there is no bank's profile; add the one that your bank gave you: koshin profile add FILE
cli-profile-id = profile
cli-profile-name = bank
cli-profile-file = file
cli-profile-bank-site = banking site
cli-profile-ca-site = CA's site
cli-profile-issuer = CA
cli-profile-subject = Subject has
cli-profile-phone = help desk
cli-profile-hours = hours
cli-profile-pin = word for the PIN
cli-profile-window = renews from
cli-profile-grace = renews until after
cli-profile-urgent = urgent from
cli-profile-notice = notices
cli-profile-key-types = key types
cli-profile-retire = old one goes
cli-profile-signed-requests = signed requests
cli-retire-first-login = after the first login with the new one
cli-retire-at-issue = as soon as the new one is proven
cli-retire-expiry = when it has expired
cli-profile-added = profile { $id } added; a running agent takes it up when it starts again
cli-profile-removed = profile { $id } removed; a running agent lets go of it when it starts again
cli-profile-declined = the profile was not added
    .hint = nothing has changed; add it again if that was a mistake
cli-profile-unanswered = nobody answered in time, so the profile was not added
    .hint = run it again and answer the dialog
cli-profile-unasked = nobody could be asked, so the profile was not added
    .hint = run it again where a dialog can be shown: on a display, or on a terminal
cli-profile-unshowable = the sites of the profile don't fit into a dialog, so nobody can be asked about them
    .hint = ask the administrator of this PC to install it
cli-profile-unusable = the profile cannot be used
    .hint = correct it, or ask whoever gave it to you
cli-profile-exists = there is a profile { $id } already
    .hint = remove it first: koshin profile remove { $id }
cli-profile-installed = the profile { $id } is installed for all users
    .hint = the administrator of this PC can remove { $path }
cli-profile-unknown = there is no profile { $id }
    .hint = { $known ->
        [none] there is none at all
       *[other] there are: { $known }
    }

# Files

cli-file-exists = { $path } is there already
    .hint = name another file, or overwrite it with --force
cli-not-written = { $path } could not be written
    .hint = check that the folder is there and that you may write in it
cli-not-read = { $path } could not be read
    .hint = check the path
cli-answer-too-large = { $path } is too large for a CA's answer
    .hint = it should hold the new certificate, and at most its chain

# The agent

cli-profile-rejected = the profile { $path } cannot be used; koshin profile check says why
cli-agent-version = version
cli-agent-process = process
cli-agent-port = for pages
cli-agent-no-port = no, this agent only serves commands; koshin run starts one for pages
cli-no-tokens = no token is there
cli-agent-runs = an agent runs already
    .hint = use that one, or end it first
cli-no-port = no port is free for the banks' pages
    .hint = end the programs that have the ports, or choose others: bridge.first-port in the settings
cli-state-on-network = the state folder is on another machine's disk
    .hint = set XDG_STATE_HOME to a folder on a disk of this PC
cli-state-unusable = the state folder cannot be used
    .hint = correct its owner and rights, or set XDG_STATE_HOME to a folder of your own
cli-journal-unusable = the journal of renewals cannot be used
    .hint = don't delete it: it knows which keys are in the making; report the cause above
cli-journal-of-another-pc = the journal of renewals is another PC's
    .hint = the state folder must be on this PC alone: set XDG_STATE_HOME to a folder that is not shared or copied
cli-journal-newer = a newer Koshin wrote the journal of renewals
    .hint = update Koshin on this PC
cli-socket-path-too-long = the path of the control socket is too long
    .hint = set XDG_RUNTIME_DIR to a folder with a shorter path
cli-socket-unusable = the control socket cannot be made
    .hint = remove what the cause above names, or set XDG_RUNTIME_DIR to a folder of your own
cli-agent-cannot-run = the agent cannot run
    .hint = mend the cause above, or report it
cli-agent-not-started = the agent could not be started
    .hint = koshin run shows its log
cli-agent-unreachable = the agent gave no usable answer
    .hint = end it and try again; koshin run shows its log
cli-agent-of-another-user = the control socket is another user's
    .hint = set XDG_RUNTIME_DIR to a folder of your own

# Certificates and renewals

cli-module-missing = there is no way to see a token: no module is named, and p11-kit names none
    .hint = install the token's software, or name its module under [[modules]] in the settings
cli-no-certificates = no token has a certificate of your banks
    .hint = put the token in; koshin status shows what is seen of it
cli-status-not-yet-valid = not yet valid
cli-status-valid = valid
cli-status-due = renew
cli-status-urgent = renew now
cli-status-expired = expired, renewable
cli-status-past-grace = expired
cli-certificate-unknown = no certificate is named "{ $name }", or has an id that begins so
    .hint = name one of these, by its name or the first four or more digits of its id, such as { $id }
cli-certificate-ambiguous = "{ $name }" names more than one certificate
    .hint = name it by its id, such as { $id }
cli-no-renewal = no renewal of { $name } is under way
    .hint = begin one: koshin renew { $name } --csr-out FILE
cli-renewal-found = the renewal of { $name } is under way already; going on with it
cli-acquisition-cancelled = the acquisition for { $name } is given up; its key goes by the next time the token is opened
cli-renewal-cancelled = the renewal of { $name } is given up; the present certificate stays
cli-request-made = request for { $name } made; give it to the CA, then: koshin renew { $name } --certificate FILE
cli-renewal-stands = the renewal doesn't go on here: { $state }
    .hint = koshin status shows where it stands
cli-waits-for-card = the renewal waits for the token
    .hint = put the token in, then run this command again
cli-waits-for-clock = the new certificate is not valid yet by this PC's clock
    .hint = check the clock, or run this command again later
cli-waits-for-bank = the CA answers later
    .hint = run this command again with --certificate once it has
cli-waits-for-person = the renewal waits for you
    .hint = run this command again
cli-new-serial = new serial number
cli-new-expiry = valid until

cli-awaits-ca-since = waits for the CA since { $day }
cli-awaits-ca-hint = to receive the certificate once it is approved, choose 証明書更新 (renew certificate) on the bank's page, or run: koshin renew { $id } --certificate FILE
cli-state-consent = asking whether a key may be made
cli-acquisition = a new one for { $name }
cli-state-choose-token = asking which token gets the certificate
cli-state-enter-code = asking for the one-time code
cli-state-authenticate = asking for the PIN
cli-state-key-intent = making the key
cli-state-key-ready = key made
cli-state-request-ready = request ready
cli-state-awaiting-certificate = awaiting the CA's answer
cli-state-received = checking the CA's answer
cli-state-verified = certificate checked
cli-state-consent-to-install = asking whether it may be installed
cli-state-install-intent = installing the certificate
cli-state-unproven = trying out the new key
cli-state-proven = new certificate ready for use
cli-state-grace = new certificate in use; the old one is still there
cli-state-retired = done; the old certificate is gone
cli-state-waiting = waiting
cli-state-cancelled = given up
cli-state-failed = failed
cli-state-expired = its time was up

# The audit trail

cli-owner-command = command
cli-trail-whole = { $count ->
    [0] the trail has no entries yet
    [one] the trail is whole: 1 entry, head { $head }
   *[other] the trail is whole: { $count } entries, head { $head }
}
cli-trail-witnessed = { $later ->
    [0] the head is that of entry { $number }, the last one
    [one] the head is that of entry { $number }; 1 came after it
   *[other] the head is that of entry { $number }; { $later } came after it
}
cli-trail-flawed = somebody has changed the trail, or it is damaged
    .hint = keep a copy of the journal's file, and show it to whoever looks after this PC
cli-trail-missing = entries { $number } to { $other } are missing
cli-trail-displaced = entry { $number } ({ $time }) was written after entry { $other }: the order was changed, or entries between them were removed
cli-trail-altered = entry { $number } ({ $time }) was changed, or what stood before it (entry { $other }) was changed or removed
cli-trail-cut = the trail does not have the entry with this head
    .hint = entries at its end were removed, it was written anew, or the head is another PC's
cli-trail-ends = it ends with entry { $number } ({ $time })
cli-no-export = { $path }, line { $line }, is no entry of an exported trail
    .hint = name a file that koshin audit --export wrote
cli-no-proof = { $path } is no proof or receipt of a renewal
    .hint = ask the bank for the file that came with the request, or for the receipt

# koshin doctor

cli-doctor-ok = ok
cli-doctor-warning = warning
cli-doctor-failed = failed
cli-doctor-remedy = to do:
cli-doctor-group-settings = Settings and profiles
cli-doctor-group-agent = Agent
cli-doctor-group-tokens = Modules and tokens
cli-doctor-group-readers = Card readers
cli-doctor-group-dialogs = Dialogs and notices
cli-doctor-group-journal = Journal
cli-doctor-group-clock = Clock
cli-doctor-group-proxy = Proxy
cli-doctor-group-browsers = Browsers
cli-doctor-all-well = all is well
cli-doctor-found = { $failed ->
    [0] nothing fails
    [one] 1 thing fails
   *[other] { $failed } things fail
}, { $warnings ->
    [0] no warning
    [one] 1 warning
   *[other] { $warnings } warnings
}

# koshin support-bundle

cli-support-contains = The file for the help desk will have:
cli-support-redacted = It has no PIN, no key and no code. Names, the home folder and all but the beginning of the tokens' serial numbers are taken out.
cli-support-made = look through { $path } before you send it; nothing was sent

# koshin recover, koshin retire, koshin list --all
cli-finding = { $kind ->
    [expired-certificate] expired certificate
    [old-certificate] old certificate, replaced
    [old-key] key of a removed certificate
    [given-up] key of a renewal that was given up
    [unknown-key] pending key without a record
    [half-object] half-made object
    [missing-certificate] new certificate that was removed
   *[damaged-journal] damaged record, put aside
}
cli-column-finding = WHAT IT IS
cli-column-result = RESULT
cli-nothing-to-clear = nothing to clear up
cli-cleared-done = done
cli-cleared-kept = left as it is
cli-cleared-failed = failed

# Help and usage

cli-help-usage = Usage:
cli-help-commands = Commands
cli-help-arguments = Arguments
cli-help-options = Options
cli-help-options-everywhere = Options of every command
cli-help-examples = Examples:
cli-help-command-value = COMMAND
cli-help-options-value = [OPTIONS]
cli-help-values = {" "}[{ $values }]
cli-help-default = {" "}(without it: { $value })
cli-man-name = NAME
cli-man-synopsis = SYNOPSIS
cli-man-description = DESCRIPTION
cli-man-version = VERSION
cli-man-examples = EXAMPLES
cli-did-you-mean = did you mean { $nearest }?
cli-takes-one-of = it takes one of: { $values }
cli-no-command = there is no command { $value }
    .hint = koshin help lists the commands
cli-command-missing = a command is missing
    .hint = koshin help lists the commands
cli-no-argument = { $argument } is not understood here
    .hint = koshin help COMMAND lists what a command takes
cli-no-value = { $argument } needs a value
    .hint = koshin help COMMAND lists what a command takes
cli-bad-value = "{ $value }" is no value for { $argument }
    .hint = koshin help COMMAND lists what a command takes
cli-arguments-conflict = { $argument } and { $value } exclude each other
    .hint = leave one of them out
cli-arguments-missing = { $argument } is missing
    .hint = koshin help COMMAND lists what a command takes
cli-bad-arguments = the command line is not understood
    .hint = koshin help COMMAND lists what a command takes
cli-progress-tokens = looking at the tokens
cli-progress-doctor = looking at this PC

# koshin open

cli-opened = opened in your browser
cli-no-browser = could not open a browser
    .hint = open the address that koshin open --print shows, within half a minute
