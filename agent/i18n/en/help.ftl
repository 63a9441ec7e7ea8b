# The help of every command and option, and the man pages made from it. This part is for those who
# type commands: names of formats may stand here.

help-koshin = Renews the certificate on the token of a bank's customer
    .arg-json = Print JSON: the result on stdout, an error on stderr
    .arg-quiet = Print results and errors only
    .arg-color = When to use colours
    .arg-language = The language of texts and dialogs
    .arg-help = Print this help
    .arg-version = Print the version
    .notes =
        Exit status: 0 done or nothing due, 1 refused or a person is needed, 2 wrong usage or settings,
        3 a fault of Koshin's own.

help-run = Run the agent in the foreground
    .examples =
        koshin run
        KOSHIN_LOG=debug koshin run
    .notes =
        The log goes to stderr; KOSHIN_LOG filters it.

help-tray = Show an icon in the tray, with the agent that runs or as one
    .arg-autostart = Show it in each desktop session, or do not; then end
    .examples =
        koshin tray
        koshin tray --autostart on
    .notes =
        The log goes to stderr; KOSHIN_LOG filters it.

help-list = List the banks' certificates on the tokens
    .arg-all = Also what is no longer used, or what nobody knows
    .examples =
        koshin list
        koshin list --all
        koshin list --json

help-status = Show the agent, what it sees of modules and tokens, and the renewals
    .examples =
        koshin status
        koshin status --json

help-renew = Renew a certificate by way of files
    .arg-name = The certificate: its name, or the beginning of its id, as koshin list shows them; with --cancel also whom an acquisition is for
    .arg-csr-out = Write the certification request there, as PEM; on stdout without this option
    .arg-proof-out = Write the old key's proof there, as DER (CMS)
    .arg-nonce = The bank's nonce for the proof: 16 to 64 bytes as base64url without padding
    .arg-certificate = The CA's answer, "-" for stdin: PEM, DER, base64 or certs-only CMS
    .arg-receipt-out = Write what the new key signed for the CA there, as DER (CMS)
    .arg-cancel = Give the renewal up
    .arg-force = Overwrite files
    .examples =
        Make a key and a request, and the old key's proof for the bank's nonce:
        {"  "}koshin renew keiri-01 --csr-out keiri-01.csr --proof-out keiri-01.p7s --nonce NONCE
        Install the CA's answer, and keep what the new key signed for the CA:
        {"  "}koshin renew keiri-01 --certificate keiri-01.pem --receipt-out keiri-01-receipt.p7s
        Give it up:
        {"  "}koshin renew keiri-01 --cancel

help-open = Show certificates, renewals and tokens in the browser
    .arg-print = Print the address instead of opening it
    .examples =
        koshin open
        koshin open --print

help-audit = Show, export and verify the trail of every renewal
    .arg-reference = Show one renewal only, by the reference number of its dialogs
    .arg-export = Write every entry there as JSON lines, "-" for stdout
    .arg-force = Overwrite the file of --export
    .arg-head = A head that was kept: the trail must have it
    .arg-proof = A proof or receipt that the bank has (DER or base64): the trail must have its head
    .arg-from = Read an export instead of this PC's journal
    .examples =
        Show the trail and verify it:
        {"  "}koshin audit
        Export it; the last line's hash is the head to keep:
        {"  "}koshin audit --export trail.jsonl
        Verify it against a head that was kept, or that a proof at the bank holds:
        {"  "}koshin audit --head HEAD
        {"  "}koshin audit --proof proof.der
        Verify an export on another PC:
        {"  "}koshin audit --from trail.jsonl

help-retire = Remove certificates and keys that are no longer used, each by its name
    .arg-dry-run = Show what would be done, and do nothing
    .arg-token = This token only, and look at it with its PIN
    .examples =
        koshin retire --dry-run
        koshin retire

help-recover = Put right what a crash, a damaged disk or another program left, each by its name
    .arg-dry-run = Show what would be done, and do nothing
    .arg-token = This token only, and look at it with its PIN
    .examples =
        koshin recover --dry-run
        koshin recover
        koshin recover --token Shinkin-Demo

help-profile = The profiles of the banks

help-profile-list = List the profiles, and those that cannot be used
    .examples =
        koshin profile list
        koshin profile list --json

help-profile-show = Show all of a profile
    .arg-id = The profile, as koshin profile list names it
    .examples =
        koshin profile show demo-bank

help-profile-add = Add a profile of your own, after a dialog that shows which sites it lets in
    .arg-file = The profile's file; CA certificates that it names by path are copied into it
    .examples =
        koshin profile add Downloads/demo-bank.toml

help-profile-remove = Remove a profile of your own
    .arg-id = The profile, as koshin profile list names it
    .examples =
        koshin profile remove demo-bank

help-profile-check = Look for mistakes in profiles: those given, or all that are there
    .arg-files = Profile files that need not be in Koshin's folders
    .examples =
        koshin profile check
        koshin profile check demo-bank.toml

help-config = The agent's settings

help-config-check = Look for mistakes in the settings' files
    .examples =
        koshin config check
        koshin config check --json

help-config-show = Show every setting with its origin
    .examples =
        koshin config show
        koshin config show --json

help-doctor = Look for whatever could keep renewals from working on this PC
    .examples =
        koshin doctor
        koshin doctor --json

help-support-bundle = Make one file for a help desk, without names
    .arg-file = The file to write, "-" for stdout; without it one named after the time, in this folder
    .examples =
        koshin support-bundle
        koshin support-bundle /tmp/koshin.txt
        koshin support-bundle - | less

help-completions = Print what a shell needs to complete Koshin's commands
    .arg-shell = The shell
    .examples =
        koshin completions bash > ~/.local/share/bash-completion/completions/koshin
        koshin completions zsh > ~/.zfunc/_koshin
        koshin completions fish > ~/.config/fish/completions/koshin.fish
        koshin completions powershell >> $PROFILE

help-help = Print the help of all commands, or of one
    .arg-command = The command, such as profile add
    .examples =
        koshin help
        koshin help profile add
