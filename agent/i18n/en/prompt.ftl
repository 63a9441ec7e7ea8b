# The windows for consent and PIN. Long lines are wrapped to fit.
# Leading no-break spaces indent; one window holds about 900 characters.

prompt-title = Web access confirmation
prompt-yes = Yes
prompt-no = No
prompt-ok = OK

prompt-command = the command koshin on this PC

# $asker: a site's address or prompt-command; $kind: site or command
prompt-make-key =
    { $asker }
    ({ $bank })

    { $kind ->
        [site] This site asks to renew your certificate.
       *[command] The renewal command was run on this PC.
    }
    May the renewal begin? [1/2]

    {"  "}Certificate:  { $name }
    {"  "}Valid until:  { $expiry }
    {"  "}Kept on:  { $token }

    “Yes”  makes a new key; then you enter your PIN.
    “No”  changes nothing.

    Reference: { $reference }

prompt-take-over =
    { $asker }
    ({ $bank })

    May a renewal that was begun elsewhere go on here?

    {"  "}Begun by:  { $from }
    {"  "}Certificate:  { $name }
    {"  "}Valid until:  { $expiry }
    {"  "}Kept on:  { $token }

    “Yes”  goes on with the renewal here.
    “No”  changes nothing; it can go on where it was begun.

    Reference: { $reference }

prompt-install =
    { $asker }
    ({ $bank })

    Your new certificate has arrived.
    May it be installed? [2/2]

    {"  "}Certificate:  { $name }
    {"  "}New one valid until:  { $new-expiry }
    {"  "}Present one valid until:  { $expiry }
    {"  "}Serial number:  { $serial }
    {"  "}Kept on:  { $token }

    “Yes”  installs the new certificate.
    “No”  doesn't install it; you go on with the present one.

    Reference: { $reference }

prompt-add-profile-title = Add a bank
prompt-add-profile =
    { $origins }

    May these sites renew certificates on this PC?
    The file calls itself “{ $bank }”.

    Add only a file that your bank gave you, and compare the addresses with those in its letter.

    “Yes”  adds it.
    “No”  changes nothing.

prompt-pin-title = Enter your { $pin-word }
prompt-pin-field = { $pin-word }:
prompt-pin-unknown =
    { $place ->
        [terminal] I don't know it / stop
       *[display] I don't know it / stop
    }
prompt-pin =
    { $purpose ->
        [renew] To renew your certificate,
        [acquire] To get your certificate,
        [install] To install your new certificate,
        [acquired] To install your certificate,
       *[clean-up] To remove a certificate that is no longer used,
    }
    please enter your { $pin-word }.

    {"  "}Bank:  { $bank }
    {"  "}Certificate:  { $name }
    {"  "}Kept on:  { $token }

    This is not your login password.
    If you don't know it, don't guess: press
    “{ $unknown }”, which uses up no try.

    Reference: { $reference }

prompt-pin-empty = No { $pin-word } was entered.
prompt-pin-refused = The { $pin-word } is wrong. Check it and enter it again.
prompt-pin-few = It was wrong before. More wrong tries block it.
prompt-pin-count = It was wrong { $count } times in a row. One more may block it: if in doubt, stop.
prompt-pin-last = Last try: if it is wrong once more, it is blocked.

# $purpose: what the PIN is for
prompt-task = { $purpose ->
    [acquire] acquisition
    [acquired] acquisition
   *[renew] renewal
}
prompt-help-title = If you don't know your { $pin-word }
prompt-help =
    If you don't know your { $pin-word },
    enter nothing and ask the help desk.

    {"  "}Help desk:  { $help-desk }
    {"  "}Kept on:  { $token }
    {"  "}Reference:  { $reference }

    “Go back”  lets you enter it after all.
    “I don't know it”  ends the { prompt-task } to ask the help desk.
    “Stop”  ends the { prompt-task } for today.

    Whatever you press, no try is used up.
prompt-help-back = Go back
prompt-help-unknown = I don't know it
prompt-help-stop = Stop

prompt-reader =
    Enter your { $pin-word } with the keys of the card reader.
    (This PC's keyboard doesn't work for it.)

    {"  "}Certificate:  { $name }
    {"  "}Kept on:  { $token }

    This is not your login password.
    If you don't know it, press “Cancel” on the reader.
    {"  "}Help desk:  { $help-desk }

    Reference: { $reference }

prompt-problem-title = Certificate renewal
prompt-problem =
    { $title }

    { $cause }
    { $remedy }

    Reference: { $reference }

prompt-none-yet = none yet

# For somebody without a certificate that could be renewed.
prompt-acquire =
    { $asker }
    ({ $bank })

    This site asks to get you a new certificate.
    May that begin? [1/2]

    {"  "}Certificate:  { $name }
    {"  "}Made out to:  { $subject }

    “Yes”  goes on to the one-time code and your PIN.
    “No”  changes nothing.

    Reference: { $reference }

prompt-install-first =
    { $asker }
    ({ $bank })

    Your certificate has arrived.
    May it be installed? [2/2]

    {"  "}Certificate:  { $name }
    {"  "}Valid until:  { $new-expiry }
    {"  "}Serial number:  { $serial }
    {"  "}Kept on:  { $token }

    “Yes”  installs the certificate.
    “No”  doesn't install it; the bank revokes it, and your one-time
    code is used up.

    Reference: { $reference }

prompt-install-instead =
    { $asker }
    ({ $bank })

    Your certificate has arrived.
    May it take the place of the expired one? [2/2]

    {"  "}Certificate:  { $name }
    {"  "}Valid until:  { $new-expiry }
    {"  "}Serial number:  { $serial }
    {"  "}Kept on:  { $token }
    {"  "}Removed, expired:  { $old-expiry }

    “Yes”  installs the certificate and, once it is proven, removes
    the expired one with its key.
    “No”  doesn't install it; the bank revokes it, and your one-time
    code is used up.

    Reference: { $reference }

prompt-acquire-stop = Stop
prompt-token-title = Choose a card or token
prompt-token-this = Use this one
prompt-token-next = Show the next one
prompt-token =
    Several cards or tokens are connected.
    Shall the certificate be kept on this one? [{ $number }/{ $count }]

    {"  "}Certificate:  { $name }
    {"  "}Card or token:  { $token }
    {"  "}Its number:  { $serial }

    Reference: { $reference }

prompt-code-title = Enter the one-time code
prompt-code-field = One-time code:
prompt-code-malformed = A one-time code has 16 letters and digits, such as ABCD-1234-EFGH-5678.
prompt-code-refused = { $tries ->
    [unknown] The bank did not take this code. Enter it again.
    [one] The bank did not take this code. One more wrong try, and it is locked.
   *[other] The bank did not take this code. { $tries } more wrong tries, and it is locked.
}
prompt-code =
    Enter the one-time code from { $bank }.

    {"  "}Certificate:  { $name }

    Is somebody on the phone telling you to do this? Hang up.
    The bank never asks for the code by phone or e-mail.
    If in doubt, call the bank yourself:
    {"  "}{ $help-desk }

    Reference: { $reference }

prompt-clear-up-title = Clear up
# $kind: see koshin recover and koshin retire
prompt-clear-up =
    { $kind ->
        [expired-certificate] This certificate has expired and is no longer used.
        [old-certificate] The new certificate works and is in its place. This old one is no longer needed.
        [old-key] The certificate of this key was removed. The key is no longer used.
        [given-up] A renewal that was given up left a key behind.
        [unknown-key] This key was made for a renewal that Koshin has no record of.
        [half-object] Something without a name was left half done. Nobody can use it.
        [missing-certificate] The new certificate was removed by another program.
       *[damaged-journal] The record of renewals was damaged and put aside.
    }
    { $kind ->
        [missing-certificate] May it be written again?
        [damaged-journal] May Koshin go on with a new record?
       *[other] May it be removed?
    }

    {"  "}Name:  { $name ->
        [unknown] –
       *[other] { $name }
    }
    { $kind ->
        [damaged-journal] {"  "}The file stays where it is.
       *[other] {"  "}Kept on:  { $token }
    }
    { $expiry ->
        [unknown] {""}
       *[other] {"  "}Valid until:  { $expiry }
    }

    “Yes”  does it. What is removed can't be brought back.
    “No”  leaves everything as it is.

    Number: { $id }
