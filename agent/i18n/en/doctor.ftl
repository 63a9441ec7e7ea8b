# What koshin doctor and the dashboard say of this PC. A finding that is not well has what to do as
# .remedy; $system is the family of the distribution.

doctor-settings = the settings have no mistakes
doctor-settings-unusable = the settings cannot be used
    .remedy = Correct what is named; koshin config check says how.
doctor-profile = the profile { $id } can be used: { $path }
doctor-profile-doubtful = the profile { $id } will need a change: { $path }
    .remedy = Ask the bank for its new profile.
doctor-profile-rejected = the profile { $path } cannot be used
    .remedy = Correct what is named, or ask the bank for the file again.
doctor-no-profile = there is no bank's profile
    .remedy = Add the file that the bank gave you (koshin profile add FILE), or install it for all users in { $path }.
doctor-agent = the agent runs, and pages reach it on port { $port }
doctor-no-agent = no agent runs for the banks' pages
    .remedy = Start it: koshin run. Commands start one for themselves.
doctor-agent-old = the agent that runs is version { $version }, and this is { $own }
    .remedy = End the agent and start it again.
doctor-agent-unreachable = an agent has { $path }, and does not answer
    .remedy = End the agent and start it again. If it is another user's, set XDG_RUNTIME_DIR to a folder of your own.
doctor-port-free = the port { $port } is free for pages
doctor-port-unusual = the agent has port { $port }, and pages look on { $first } to { $last }
    .remedy = Remove bridge.first-port from the settings, unless the bank told you to set it.
doctor-ports-taken = every port from { $first } to { $last } is taken
    .remedy = End the programs that have them (ss -ltnp shows which), or choose others: bridge.first-port.
doctor-origin-refused = the site { $origin } asked { $count ->
    [one] once
   *[other] { $count } times
} and was turned away: no profile lists it
    .remedy = If it is your bank's, ask the bank for a profile that lists it. If not, all is well.
doctor-module = the module { $module } works: { $path }
doctor-module-absent = the module { $module } is not there: { $path }
    .remedy = Install the token's software, or correct the path under [[modules]] in the settings.
doctor-module-failed = the module { $module } does not work: { $path }
    .remedy = Take the token out and put it in again. If that does not help, install the token's software anew.
doctor-no-module = there is no way to see a token: no module is named, and p11-kit names none
    .remedy = Install the token's software{ $system ->
        [debian] {" "}(for most cards: sudo apt install opensc)
        [fedora] {" "}(for most cards: sudo dnf install opensc)
        [suse] {" "}(for most cards: sudo zypper install opensc)
        [arch] {" "}(for most cards: sudo pacman -S opensc)
       *[other] {""}
    }, or name its module under [[modules]] in the settings.
doctor-token = the token { $token } has { $count ->
    [0] no certificate of your banks
    [one] 1 certificate of your banks
   *[other] { $count } certificates of your banks
}
doctor-pin-low = the PIN of the token { $token } was wrong before ({ $count ->
    [one] 1 certificate
   *[other] { $count } certificates
})
    .remedy = Don't guess: more wrong tries block it. Ask the bank's help desk.
doctor-pin-locked = the PIN of the token { $token } is blocked ({ $count ->
    [one] 1 certificate
   *[other] { $count } certificates
})
    .remedy = Ask the bank's help desk to unblock it.
doctor-no-token = no token is there
    .remedy = Put the card or USB token in. If it is in, check that its own program sees it.
doctor-no-certificate = no token has a certificate of your banks
    .remedy = Check that it is the right token, and that the profile is the right bank's.
doctor-service = the smart-card service runs
doctor-no-service-needed = the smart-card service does not run; the tokens that are there don't need it
doctor-no-service = the smart-card service does not run
    .remedy = If your token is a card in a reader: { $system ->
        [debian] sudo apt install pcscd, then sudo systemctl enable --now pcscd.socket
        [fedora] sudo dnf install pcsc-lite, then sudo systemctl enable --now pcscd.socket
        [suse] sudo zypper install pcsc-lite, then sudo systemctl enable --now pcscd.socket
        [arch] sudo pacman -S pcsclite, then sudo systemctl enable --now pcscd.socket
       *[other] install and start the PC/SC daemon (pcscd)
    }
doctor-service-failed = the smart-card service does not answer as it should
    .remedy = Restart it: sudo systemctl restart pcscd
doctor-reader = the reader { $reader } has no card
doctor-reader-with-card = the reader { $reader } has a card
doctor-no-reader = the smart-card service sees no reader
    .remedy = If you use one, plug it in again{ $system ->
        [debian] {" "}and install its driver (for most: sudo apt install libccid)
        [fedora] {" "}and install its driver (for most: sudo dnf install pcsc-lite-ccid)
        [suse] {" "}and install its driver (for most: sudo zypper install pcsc-ccid)
        [arch] {" "}and install its driver (for most: sudo pacman -S ccid)
       *[other] {" "}and install its driver
    }.
doctor-card-unknown = a card is in a reader, and no module knows it
    .remedy = Install the software that the bank gave with the card, and name its module under [[modules]] in the settings.
doctor-display = there is a display for dialogs
doctor-no-display = there is no display: dialogs appear on the terminal of a command only
    .remedy = Log in to the desktop to renew on a bank's page.
doctor-pinentry = pinentry answers: { $program }
doctor-no-pinentry = no pinentry is installed: nobody can be asked for a PIN
    .remedy = { $system ->
        [debian] sudo apt install pinentry-qt
        [fedora] sudo dnf install pinentry-qt
        [suse] sudo zypper install pinentry-qt6
        [arch] sudo pacman -S pinentry
       *[other] Install pinentry with Qt's or GTK's dialog.
    }
doctor-pinentry-absent = there is no program { $program }
    .remedy = Correct prompt.pinentry in the settings, or remove it.
doctor-pinentry-silent = { $program } does not answer as pinentry does
    .remedy = Install another pinentry, or correct prompt.pinentry in the settings.
doctor-bus = the session bus (D-Bus) answers
doctor-no-bus = the session bus (D-Bus) does not answer: there are no desktop notices
    .remedy = Log in to the desktop anew{ $system ->
        [debian] ; if that does not help: sudo apt install dbus-user-session
       *[other] {""}
    }.
doctor-journal = the journal of renewals is whole, with { $count ->
    [one] 1 entry
   *[other] { $count } entries
} in its trail
doctor-no-journal = no renewal has been recorded yet
doctor-journal-damaged = the journal of renewals cannot be read, or is damaged: { $path }
    .remedy = Don't delete it: it knows which keys are in the making. Keep a copy, and contact the help desk.
doctor-journal-newer = a newer Koshin wrote the journal of renewals: { $path }
    .remedy = Update Koshin on this PC.
doctor-journal-of-another-pc = the journal of renewals is another PC's: { $path }
    .remedy = Set XDG_STATE_HOME to a folder that is not shared or copied.
doctor-trail-flawed = the audit trail was changed in { $count ->
    [one] 1 place
   *[other] { $count } places
}
    .remedy = koshin audit names the entries. Keep a copy of the journal, and show it to whoever looks after this PC.
doctor-state-on-network = the state folder is on another machine's disk: { $path }
    .remedy = Set XDG_STATE_HOME to a folder on a disk of this PC.
doctor-state-unusable = the state folder cannot be used: { $path }
    .remedy = Correct its owner and rights, or set XDG_STATE_HOME to a folder of your own.
doctor-disk-full = only { $room } MiB are left on the disk of the state folder: { $path }
    .remedy = Make room before you renew.
doctor-clock = the clock agrees with what this PC knows of the time
doctor-clock-before-koshin = the clock is wrong: it says a day before this Koshin was made
    .remedy = Switch automatic time on: sudo timedatectl set-ntp true
doctor-clock-before-journal = the clock was set back: the journal has entries from later
    .remedy = Check date and time, and switch automatic time on: sudo timedatectl set-ntp true
doctor-clock-not-hardware = the clock and the hardware's clock are { $minutes } minutes apart
    .remedy = Check date and time, and switch automatic time on: sudo timedatectl set-ntp true
doctor-no-proxy = no proxy is set for programs
doctor-proxy-passed-by = a proxy is set ({ $name }), and what is meant for this PC passes it by
doctor-proxy-swallows = a proxy is set ({ $name }) that would take what is meant for this PC
    .remedy = Add 127.0.0.1 to no_proxy.
doctor-browsers-ask = no policy of a browser decides about the banks' pages: the browser asks once
doctor-policy-allows = { $browser } lets { $origin } reach Koshin without asking: { $path }
doctor-policy-blocks = { $browser } keeps { $origin } from reaching Koshin: { $path }
    .remedy = Ask whoever looks after this PC to allow it there: LoopbackNetworkAllowedForUrls for Chromium, Chrome, Edge and Brave; LocalNetworkAccess with SkipDomains for Firefox.
doctor-policy-proxies = { $browser } sends what is meant for this PC to a proxy: { $path }
    .remedy = Ask whoever looks after this PC to remove <-loopback> from ProxyBypassList, or network.proxy.allow_hijacking_localhost from Firefox's preferences.
doctor-policy-unreadable = a policy of { $browser } cannot be read: { $path }
    .remedy = Ask whoever looks after this PC to correct it.
