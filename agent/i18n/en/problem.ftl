# Three texts for each problem: what happened, why (.cause), what to do (.remedy).
# The reader keeps a company's accounts: no technical words, and a next step that can be taken.
# The [unknown] form is for when the variable's value isn't known.

problem-bank = { $help-desk ->
    [unknown] your bank's help desk
   *[other] your bank's help desk ({ $help-desk })
}

problem-bad-request = The bank's page asked for something that could not be understood
    .cause = The request doesn't follow the rules of Koshin, the renewal program on this PC.
    .remedy = Open the page again and start over. If it keeps happening, contact { problem-bank }.

problem-not-found = There is no such function
    .cause = The bank's page and the Koshin on this PC may be of versions that don't fit.
    .remedy = Update Koshin and try again.

problem-method-not-allowed = That is not how this function is used
    .cause = The bank's page and the Koshin on this PC may be of versions that don't fit.
    .remedy = Update Koshin and try again.

problem-unsupported-media-type = The request has the wrong form
    .cause = The bank's page sent its request in a form that Koshin doesn't read.
    .remedy = Open the page again and try again. If it keeps happening, contact { problem-bank }.

problem-body-too-large = The request is too large
    .cause = The bank's page sent more data than Koshin accepts.
    .remedy = Open the page again and try again. If it keeps happening, contact { problem-bank }.

problem-too-many = Too much at once
    .cause = Many renewals or requests are going on at the same time.
    .remedy = Close other renewal pages, wait a minute and try again.

problem-certificate-not-found = The certificate to renew was not found
    .cause = { $token ->
        [unknown] No connected card or USB token holds that certificate of this bank.
       *[other] “{ $token }” doesn't hold that certificate of this bank.
    }
    .remedy = Insert the card or USB token with the certificate that you logged in with, and try again.

problem-renewal-not-found = That renewal was not found
    .cause = It has ended already, or it belongs to another bank.
    .remedy = Open the bank's page again and start the renewal over.

problem-wrong-state = That can't be done just now
    .cause = The renewal is not at that step. It may have gone on in another window.
    .remedy = Open the bank's page again. The renewal goes on where it stands.

problem-too-early = It is too early to renew
    .cause = { $date ->
        [unknown] The renewal period hasn't begun.
       *[other] You can renew from { $date }.
    }
    .remedy = Try again once the period has begun. Your present certificate works as before.

problem-too-late = The renewal period is over
    .cause = { $date ->
        [unknown] The certificate has expired, and the bank no longer renews it.
       *[other] The bank renewed it until { $date }.
    }
    .remedy = Get a new certificate with “Acquire a certificate” on the login screen. If in doubt, contact { problem-bank }.

problem-key-missing = The certificate's key was not found
    .cause = The certificate is there, but the key that belongs to it is not on the same card or USB token.
    .remedy = Use the card, USB token or PC on which the certificate was first installed. If in doubt, contact { problem-bank }.

problem-key-type-unsupported = This card or USB token can't be used for the renewal
    .cause = It can't make any kind of key that the bank accepts.
    .remedy = Ask { problem-bank } which cards or USB tokens you can use.

problem-request-signature-invalid = It could not be confirmed that your bank asked for this
    .cause = The bank's electronic signature on the request is missing or wrong.
    .remedy = The renewal was stopped. Check that the page's address is your bank's, and contact { problem-bank }.

problem-consent-declined = The certificate was not renewed
    .cause = “No” was chosen in the confirmation window. Your present certificate works as before.
    .remedy = To renew, press “Renew” again and choose “Yes” in the confirmation window.

problem-install-declined = The new certificate was not installed
    .cause = “No” was chosen in the confirmation window. Your present certificate works as before.
    .remedy = To renew, start the renewal over on the bank's page.

problem-prompt-cancelled = The renewal was called off
    .cause = The confirmation or PIN window was closed. Your present certificate works as before.
    .remedy = To renew, press “Renew” again.

problem-prompt-timed-out = Time ran out
    .cause = Nobody answered the confirmation or PIN window in time.
    .remedy = Press “Renew” again. The window may be hidden behind others.

problem-prompt-unavailable = The confirmation window can't be shown
    .cause = The program that shows it (pinentry) is not installed, or can't reach this PC's screen.
    .remedy = { $package ->
        [unknown] Log in at the PC's own screen and try again. If it keeps happening, ask whoever looks after this PC.
       *[other] Ask whoever looks after this PC to install the package { $package }.
    }

problem-cancelled = The renewal was cancelled
    .cause = The bank's page or another program cancelled it.
    .remedy = To renew, start over on the bank's page.

problem-expired = The renewal took too long
    .cause = It was ended because too much time had passed since it began.
    .remedy = Start the renewal over on the bank's page.

problem-pin-incorrect = The PIN is not correct
    .cause = { $tries ->
        [unknown] The card or USB token refused the PIN.
        [one] The card or USB token refused the PIN. 1 try is left.
       *[other] The card or USB token refused the PIN. { $tries } tries are left.
    }
    .remedy = Use the certificate's PIN, not your login password, and press “Renew” again. Too many wrong PINs block it. If you don't know the PIN, don't guess: contact { problem-bank }.

problem-pin-locked = The PIN is blocked
    .cause = The PIN was wrong too often, so the card or USB token blocked itself.
    .remedy = Ask { problem-bank } to unblock it.

problem-pin-expired = The PIN has expired or was never set
    .cause = The card or USB token wants its PIN to be set.
    .remedy = Set the PIN with the program that came with the card or USB token, then try again. If you are not sure how, ask { problem-bank }.

problem-interrupted = The PC or Koshin stopped during the renewal
    .cause = It stopped while the new key was being made, so this renewal was called off. Your present certificate still works.
    .remedy = Start the renewal again.

problem-pin-unknown = The renewal was called off because you don't know the PIN
    .cause = “I don't know it” was chosen, which uses up no try.
    .remedy = Ask { problem-bank } about your PIN.

problem-token-not-found = The card or USB token was not found
    .cause = { $token ->
        [unknown] It isn't inserted, or was pulled out.
       *[other] “{ $token }” isn't inserted, or was pulled out.
    }
    .remedy = Insert it, leave it in until the renewal is done, and try again.

problem-token-full = The card or USB token can't be written to
    .cause = { $token ->
        [unknown] It has no room, or doesn't allow writing.
       *[other] “{ $token }” has no room, or doesn't allow writing.
    }
    .remedy = If it holds old certificates that you no longer use, ask { problem-bank } about removing them, then try again.

problem-module-failed = The card or USB token could not be read
    .cause = { $module ->
        [unknown] The program that runs it stopped or didn't answer.
       *[other] The program that runs it (“{ $module }”) stopped or didn't answer.
    }
    .remedy = Take it out, insert it again, and try again. If it keeps happening, restart the PC.

problem-module-missing = The program for the card or USB token is missing
    .cause = { $module ->
        [unknown] Koshin isn't set up with the program (driver) that came with the card or USB token.
       *[other] The program (driver) “{ $module }” can't be loaded.
    }
    .remedy = Ask whoever looks after this PC to install the driver and to check Koshin's settings.

problem-certificate-unreadable = The certificate that arrived can't be read
    .cause = What the certification authority sent holds no certificate, or is damaged.
    .remedy = Your present certificate works as before. Try again; if it keeps happening, contact { problem-bank }.

problem-certificate-key-mismatch = The certificate that arrived is for another key
    .cause = It doesn't belong to the key made on this PC, so it was not installed.
    .remedy = Your present certificate works as before. Try again; if it keeps happening, contact { problem-bank }.

problem-certificate-subject-mismatch = The certificate that arrived is in another name
    .cause = Its company name or ID differs from your present certificate's, so it was not installed.
    .remedy = Your present certificate works as before. Contact { problem-bank }.

problem-certificate-untrusted = It could not be confirmed who issued the certificate
    .cause = It wasn't issued by this bank's certification authority, so it was not installed.
    .remedy = Your present certificate works as before. Check that the page's address is your bank's, and contact { problem-bank }.

problem-certificate-expired = The certificate that arrived has expired
    .cause = { $date ->
        [unknown] It is past its last day, so it was not installed.
       *[other] It is past its last day ({ $date }), so it was not installed.
    }
    .remedy = Check this PC's date and time and try again. If they are right, contact { problem-bank }.

problem-certificate-not-yet-valid = The certificate that arrived can't be used yet
    .cause = { $date ->
        [unknown] By this PC's clock its validity hasn't begun.
       *[other] By this PC's clock its validity hasn't begun (it begins on { $date }).
    }
    .remedy = Check this PC's date and time. If they are right, just wait.

problem-certificate-not-later = The certificate that arrived lasts no longer
    .cause = It ends on the same day as your present one or earlier, so it was not installed.
    .remedy = Your present certificate works as before. Contact { problem-bank }.

problem-certificate-wrong-usage = The certificate that arrived can't be used to log in
    .cause = Logging in is not among its purposes, so it was not installed.
    .remedy = Your present certificate works as before. Contact { problem-bank }.

problem-proof-failed = It could not be confirmed that the new certificate works
    .cause = It was written to the card or USB token, but a trial with the new key failed.
    .remedy = Your present certificate works as before. Take the card or USB token out, insert it again, and start the renewal over.

problem-journal-unavailable = The record of renewals can't be used
    .cause = Koshin's record on this PC is damaged or can't be written. To be safe, nothing was made and nothing was removed.
    .remedy = Check that the disk has room, and ask whoever looks after this PC.

problem-internal = Something went wrong inside Koshin
    .cause = It came into a state that it doesn't know, and stopped the renewal.
    .remedy = Try again. If it keeps happening, contact { problem-bank } with the reference number.
