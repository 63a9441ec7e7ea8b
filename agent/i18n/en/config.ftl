# What can be wrong with a settings file or a bank's profile. Each message follows "FILE:LINE: ".

config-unreadable = it cannot be read: { $cause }
    .hint = check that the file is there and that you may read it
config-too-large = it has more than 1 MiB
    .hint = Koshin's files are a few kilobytes: is this the right one?
config-syntax = it is not valid TOML: { $message }
    .hint = correct the line; strings stand in quotation marks
config-unknown-key = unknown key { $key }
    .hint = { $nearest ->
    [none] remove it, or see the example for the keys there are
   *[other] did you mean { $nearest }?
}
config-missing = { $key } is missing
    .hint = add it; the example shows how
config-wrong-type = { $key } must be { $expected ->
    [text] a string in quotation marks
    [switch] true or false
    [number] a whole number
    [texts] a list of strings
    [tables] a list of tables
   *[table] a table
}
    .hint = see the example
config-bad-choice = { $key } cannot be "{ $value }"
    .hint = { $nearest ->
    [none] it takes one of: { $choices }
   *[other] did you mean "{ $nearest }"? It takes one of: { $choices }
}
config-out-of-range = { $key } must be from { $least } to { $most }
    .hint = choose a value within these bounds
config-bad-duration = { $key } is not a length of time: "{ $value }"
    .hint = write a whole number and its unit, such as "90s", "5m", "12h" or "30d"
config-not-whole-days = { $key } must be whole days, not "{ $value }"
    .hint = write days, such as "30d"
config-bad-text = { $key } must be 1 to 80 characters that show on one line
    .hint = remove control characters and spaces at either end
config-relative-path = { $key } must be a path from the root, not "{ $value }"
    .hint = begin the path with /
config-bad-address = { $key }: "{ $value }" is not a mail address
    .hint = write it as keiri@example.co.jp, without a name around it
config-mail-in-the-clear = mail.security = "none" is for a mail server on this PC, not for { $value }
    .hint = write "starttls" or "tls", as the mail server wants it
config-duplicate = "{ $value }" stands twice in { $key }
    .hint = remove one of them
config-system-only = only the system's file may set { $key }
    .hint = remove it here, or ask the administrator of this PC
config-ports-beyond-end = the ports reach beyond 65535
    .hint = lower bridge.first-port or bridge.port-count
config-bad-origin = "{ $value }" is not an exact https origin: { $fault ->
    [scheme] it must begin with https://
    [path] nothing may follow host and port
    [user-info] it has a user name
    [upper-case] the host must be in lower case
    [not-punycode] the host must be in ASCII (punycode, xn--…)
    [port] the port must be from 1 to 65535, without leading zeros, and 443 is left out
   *[host] the host is malformed
}
    .hint = write it as the browser sends it, such as https://bank.example or https://bank.example:8443
config-no-bank-origin = no origin has the role "bank"
    .hint = name the banking site under [[origins]] with role = "bank"
config-empty = { $key } is empty
    .hint = name at least one
config-issuer-unreadable = { $path } cannot be read: { $cause }
    .hint = a path is relative to the profile's folder; the PEM text may also stand in the profile
config-not-a-certificate = no certificate there: { $cause }
    .hint = PEM is wanted, from BEGIN CERTIFICATE to END CERTIFICATE
config-not-a-public-key = no public key there that can be used: { $cause }
    .hint = a P-256 key is wanted, as PEM from BEGIN PUBLIC KEY to END PUBLIC KEY
config-not-an-attribute = "{ $value }" is not an attribute of a subject
    .hint = write a type and a value, e.g. OU=0001, as koshin list --json shows subjects
config-issuer-not-ca = "{ $subject }" is not a CA's certificate
    .hint = name the CA that issues, not a certificate that it issued
config-issuer-may-not-sign = the CA "{ $subject }" may not sign certificates
    .hint = ask the bank for the certificate of its issuing CA
config-issuer-signature = the CA certificate "{ $subject }" has a wrong signature
    .hint = the file is damaged or forged: fetch it from the bank again
config-issuer-expired = the CA certificate "{ $subject }" expired on { $date }
    .hint = ask the bank for its new CA certificate
config-issuer-expires-soon = the CA certificate "{ $subject }" expires on { $date }
    .hint = add the bank's next CA certificate as soon as there is one
config-urgent-beyond-window = renewal.urgent is more than renewal.window
    .hint = the urgent days lie within the window
config-notice-beyond-window = the notice "{ $value }" comes before the window opens
    .hint = give notice from renewal.window on
config-origin-taken = the origin { $value } belongs to the profile { $other } already
    .hint = an origin belongs to one profile; an installed one always wins
config-issuer-taken = the CA "{ $subject }" belongs to the installed profile { $other }
    .hint = a profile of your own cannot reach the certificates of an installed one
config-subject-not-distinct = the CA "{ $subject }" also issues for the profile { $other }, and subject does not tell the two banks' certificates apart
    .hint = write into both profiles what the subjects of that bank's certificates have, e.g. subject = ["OU=0001"] and subject = ["OU=0002"]
config-name-taken = the name "{ $value }" belongs to the profile { $other } already
    .hint = give it another name, or remove the other one
config-user-profiles-off = this PC's policy allows installed profiles only
    .hint = ask the administrator of this PC
config-bad-file-name = "{ $value }" is not a name for a profile
    .hint = use a to z, 0 to 9 and hyphens, and .toml at the end
config-module-absent = there is no module at { $path }
    .hint = install the token's software, or correct the path
config-no-module = no module is named, and those of p11-kit are switched off
    .hint = name the token's module under [[modules]], or set p11-kit = true
config-pinentry-absent = there is no program { $value }
    .hint = install a pinentry (on Debian: pinentry-gtk2 or pinentry-qt), or name yours under prompt.pinentry
