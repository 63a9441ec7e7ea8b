# What the commands say. stdout is data, stderr is talk; errors are lowercase fragments with the
# next action as .hint.

cli-error = error:
cli-warning = warning:
cli-caused-by = caused by:
cli-hint = hint:
cli-yes = yes
cli-no = no
cli-days = { $days ->
    [one] { $days } day
   *[other] { $days } days
}

cli-column-bank = BANK
cli-column-key = KEY
cli-column-origin = FROM
cli-column-origins = SITES
cli-column-profile = PROFILE
cli-column-rank = ADDED BY
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
cli-profile-removed = profile { $id } removed; a running agent lets go of it when it starts again
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

cli-not-written = { $path } could not be written
    .hint = check that the folder is there and that you may write in it

# The agent

# Certificates and renewals
