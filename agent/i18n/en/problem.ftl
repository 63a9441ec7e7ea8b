# Four texts for each problem: what happened, why (.cause), what to do (.remedy), and what the
# bank's help desk asks and does (.desk, which only docs/ERRORS.md shows).
# The reader keeps a company's accounts: no technical words, and a next step that can be taken.
# The [unknown] form is for when the variable's value isn't known.

problem-bank = { $help-desk ->
    [unknown] your bank's help desk
   *[other] your bank's help desk ({ $help-desk })
}

# $kind: renew or acquire
problem-task = { $kind ->
    [acquire] acquisition
   *[renew] renewal
}
problem-button = { $kind ->
    [acquire] “Acquire”
   *[renew] “Renew”
}
problem-kept = { $kind ->
    [acquire] No certificate was acquired.
   *[renew] Your present certificate works as before.
}

problem-bad-request = The bank's page asked for something that could not be understood
    .cause = The request doesn't follow the rules of Koshin, the renewal program on this PC.
    .remedy = Open the page again and start over. If it keeps happening, contact { problem-bank }.
    .desk = The page and Koshin differ in version, or a browser extension alters requests. Have them switch extensions off and reopen the page; if it stays, pass the reference number to the developers.

problem-not-found = There is no such function
    .cause = The bank's page and the Koshin on this PC may be of versions that don't fit.
    .remedy = Update Koshin and try again.
    .desk = Ask for the output of “koshin --version”; if it is old, have it updated. Check whether the bank's page changed lately.

problem-method-not-allowed = That is not how this function is used
    .cause = The bank's page and the Koshin on this PC may be of versions that don't fit.
    .remedy = Update Koshin and try again.
    .desk = Ask for the output of “koshin --version”; if it is old, have it updated. Several such calls point to a fault of the page: tell the developers.

problem-unsupported-media-type = The request has the wrong form
    .cause = The bank's page sent its request in a form that Koshin doesn't read.
    .remedy = Open the page again and try again. If it keeps happening, contact { problem-bank }.
    .desk = Nothing for the customer to do: a fault of the bank's page. Note time and reference number for the developers.

problem-body-too-large = The request is too large
    .cause = The bank's page sent more data than Koshin accepts.
    .remedy = Open the page again and try again. If it keeps happening, contact { problem-bank }.
    .desk = Ask the CA team whether its answers hold more than the certificate and its chain. Promise the customer a call back.

problem-too-many = Too much at once
    .cause = Many renewals or requests are going on at the same time.
    .remedy = Close other renewal pages, wait a minute and try again.
    .desk = Ask how many tabs or windows are open, and have all but one closed. Ask whether many colleagues renew on the same PC at once.

problem-certificate-not-found = The certificate to renew was not found
    .cause = { $token ->
        [unknown] No connected card or USB token holds that certificate of this bank.
       *[other] “{ $token }” doesn't hold that certificate of this bank.
    }
    .remedy = Insert the card or USB token with the certificate that you logged in with, and try again.
    .desk = Ask which card or USB token they logged in with, and have it reinserted. Check whether “koshin list” shows it. A certificate that only the browser holds cannot be renewed this way.

problem-renewal-not-found = That { problem-task } was not found
    .cause = It has ended already, or it belongs to another bank.
    .remedy = Open the bank's page again and start the { problem-task } over.
    .desk = Look whether the bank's records show that ID's renewal as done. If so, have them log in with the new certificate.

problem-wrong-state = That can't be done just now
    .cause = The { problem-task } is not at that step. It may have gone on in another window.
    .remedy = Open the bank's page again. The { problem-task } goes on where it stands.
    .desk = Ask whether another tab or PC goes on with the renewal. Tell them that reopening the page continues where it stands.

problem-too-early = It is too early to renew
    .cause = { $date ->
        [unknown] The renewal period hasn't begun.
       *[other] You can renew from { $date }.
    }
    .remedy = Try again once the period has begun. Your present certificate works as before.
    .desk = Look up the expiry and tell them the first day for renewing. If they can't wait (a change of staff, say), offer revocation and a new certificate.

problem-too-late = The renewal period is over
    .cause = { $date ->
        [unknown] The certificate has expired, and the bank no longer renews it.
       *[other] The bank renewed it until { $date }.
    }
    .remedy = Get a new certificate with “Acquire a certificate” on the login screen. If in doubt, contact { problem-bank }.
    .desk = Check their identity and issue the one-time code for acquiring a new certificate.

problem-key-missing = The certificate's key was not found
    .cause = The certificate is there, but the key that belongs to it is not on the same card or USB token.
    .remedy = Use the card, USB token or PC on which the certificate was first installed. If in doubt, contact { problem-bank }.
    .desk = Ask whether they still have the card or PC of the first installation. If not: revoke, and have a new certificate acquired.

problem-key-type-unsupported = This card or USB token can't be used for the { problem-task }
    .cause = It can't make any kind of key that the bank accepts.
    .remedy = Ask { problem-bank } which cards or USB tokens you can use.
    .desk = Ask for the model of the card or token and compare it with the list of tested ones. Offer an exchange for an old one.

problem-request-signature-invalid = It could not be confirmed that your bank asked for this
    .cause = The bank's electronic signature on the request is missing or wrong.
    .remedy = The { problem-task } was stopped. Check that the page's address is your bank's, and contact { problem-bank }.
    .desk = Have them stop and read out the address bar. Not the bank's address: treat it as phishing at once. The bank's: ask the team whether signing keys are being changed and the profile names the new one.

problem-consent-declined = The { problem-task } was not begun
    .cause = “No” was chosen in the confirmation window. { problem-kept }
    .remedy = To go on, press { problem-button } again and choose “Yes” in the confirmation window.
    .desk = “No” was the customer's choice. If they don't remember it, find out who else was at the PC.

problem-install-declined = The new certificate was not installed
    .cause = “No” was chosen in the confirmation window. { problem-kept }
    .remedy = { $kind ->
        [acquire] A one-time code works once. To get a certificate after all, ask { problem-bank } for another code and start over.
       *[renew] To renew, start the renewal over on the bank's page.
    }
    .desk = The new certificate is revoked automatically; confirm that in the records, then have them start over.

problem-prompt-cancelled = The { problem-task } was called off
    .cause = The confirmation or PIN window was closed. { problem-kept }
    .remedy = To go on, press { problem-button } again.
    .desk = Ask whether they closed the window, and have them try again. No PIN try was used up.

problem-prompt-timed-out = Time ran out
    .cause = Nobody answered the confirmation or PIN window in time.
    .remedy = Press { problem-button } again. The window may be hidden behind others.
    .desk = Have them look in the task bar for a window behind the browser, then try again without leaving the PC.

problem-prompt-unavailable = The confirmation window can't be shown
    .cause = The program that shows it (pinentry) is not installed, or can't reach this PC's screen.
    .remedy = { $package ->
        [unknown] Log in at the PC's own screen and try again. If it keeps happening, ask whoever looks after this PC.
       *[other] Ask whoever looks after this PC to install the package { $package }.
    }
    .desk = Ask whether they work over a remote connection such as SSH. If not, their administrator installs a pinentry package.

problem-cancelled = The { problem-task } was cancelled
    .cause = The bank's page or another program cancelled it.
    .remedy = To go on, start over on the bank's page.
    .desk = If they did not mean to, ask whether they logged out or pressed Back, and have them start over.

problem-expired = The { problem-task } took too long
    .cause = It was ended because too much time had passed since it began.
    .remedy = Start the { problem-task } over on the bank's page.
    .desk = Check whether the CA's approval took too long. If all is well there, have them start over.

problem-pin-incorrect = The PIN is not correct
    .cause = { $tries ->
        [unknown] The card or USB token refused the PIN.
        [one] The card or USB token refused the PIN. 1 try is left.
       *[other] The card or USB token refused the PIN. { $tries } tries are left.
    }
    .remedy = Use the certificate's PIN, not your login password, and press { problem-button } again. Too many wrong PINs block it. If you don't know the PIN, don't guess: contact { problem-bank }.
    .desk = Never ask for the PIN. Check that they don't type the login password. With one try left, have them stop, and offer the unblocking procedure.

problem-pin-locked = The PIN is blocked
    .cause = The PIN was wrong too often, so the card or USB token blocked itself.
    .remedy = Ask { problem-bank } to unblock it.
    .desk = Koshin can't unblock it. Check their identity, then unblock by the card issuer's procedure or replace the card.

problem-pin-expired = The PIN has expired or was never set
    .cause = The card or USB token wants its PIN to be set.
    .remedy = Set the PIN with the program that came with the card or USB token, then try again. If you are not sure how, ask { problem-bank }.
    .desk = Have them set the PIN with the card's own program; tell them where to get it.

problem-interrupted = The PC or Koshin stopped during the { problem-task }
    .cause = It stopped while the new key was being made, so this { problem-task } was called off. { problem-kept }
    .remedy = Start the { problem-task } again.
    .desk = Ask about a power cut or restart, and have them start again. The old certificate works; Koshin removes the unfinished key.

problem-pin-unknown = The { problem-task } was called off because you don't know the PIN
    .cause = “I don't know it” was chosen, which uses up no try.
    .remedy = Ask { problem-bank } about your PIN.
    .desk = The bank doesn't know the PIN either. Check their identity, then offer a reset or a new card.

problem-code-refused = The bank says that the one-time code is wrong
    .cause = { $tries ->
        [unknown] The bank did not take the one-time code that was entered.
        [one] The bank did not take the one-time code that was entered. One more wrong try, and it can no longer be used.
       *[other] The bank did not take the one-time code that was entered. { $tries } more wrong tries, and it can no longer be used.
    }
    .remedy = Check the one-time code that you got from the bank and enter it again in Koshin's window. If you are not sure of it, call { problem-bank }.
    .desk = Never ask for the code. Have it compared with the paper, character by character (it has no I, L, O or U). If it is locked or lost, issue another one after checking who calls. Ask, too, whether somebody on the phone is telling them what to do.

problem-token-not-found = The card or USB token was not found
    .cause = { $token ->
        [unknown] It isn't inserted, or was pulled out.
       *[other] “{ $token }” isn't inserted, or was pulled out.
    }
    .remedy = Insert it, leave it in until the { problem-task } is done, and try again.
    .desk = Have it inserted in another port, without a hub, and ask whether its light is on. Check whether “koshin status” shows it.

problem-token-ambiguous = Two cards or USB tokens look the same
    .cause = { $token ->
        [unknown] Two that are inserted have the same name and number, so it isn't clear which one is meant.
       *[other] Two that are inserted are called “{ $token }” and have the same number, so it isn't clear which one is meant.
    }
    .remedy = Take out the one that you don't use for this bank, and try again.
    .desk = One is a copy of the other, or the same reader is reached through two drivers. Have all but one taken out; look with “koshin status” which drivers show it.

problem-token-full = The card or USB token can't be written to
    .cause = { $token ->
        [unknown] It has no room, or doesn't allow writing.
       *[other] “{ $token }” has no room, or doesn't allow writing.
    }
    .remedy = If it holds old certificates that you no longer use, ask { problem-bank } about removing them, then try again.
    .desk = Look with “koshin list” for old certificates. Only what is certainly unused may be removed, with the card's own program.

problem-token-maybe-full = The card or USB token could not store something
    .cause = { $token ->
        [unknown] It gave no reason. It may be full.
       *[other] “{ $token }” gave no reason. It may be full.
    }
    .remedy = Look with “koshin list --all” whether it holds certificates that are no longer used, and remove them with “koshin retire”. Then try again.
    .desk = Many cards report a full memory only as a general error. Have “koshin list --all” read out; if nothing can be removed, have the card reinserted, and note its model.

problem-module-failed = The card or USB token could not be read
    .cause = { $module ->
        [unknown] The program that runs it stopped or didn't answer.
       *[other] The program that runs it (“{ $module }”) stopped or didn't answer.
    }
    .remedy = Take it out, insert it again, and try again. If it keeps happening, restart the PC.
    .desk = Have it reinserted and the PC restarted. If it stays, note the card's model and the driver's version, and have the driver updated.

problem-module-missing = The program for the card or USB token is missing
    .cause = { $module ->
        [unknown] Koshin isn't set up with the program (driver) that came with the card or USB token.
       *[other] The program (driver) “{ $module }” can't be loaded.
    }
    .remedy = Ask whoever looks after this PC to install the driver and to check Koshin's settings.
    .desk = Ask for the card's model and tell them where to get the driver. Afterwards “koshin config check” must find nothing.

problem-certificate-unreadable = The certificate that arrived can't be read
    .cause = What the certification authority sent holds no certificate, or is damaged.
    .remedy = { problem-kept } Try again; if it keeps happening, contact { problem-bank }.
    .desk = Give the CA team the renewal's number and the time; ask it to deliver the same certificate again.

problem-certificate-key-mismatch = The certificate that arrived is for another key
    .cause = It doesn't belong to the key made on this PC, so it was not installed.
    .remedy = { problem-kept } Try again; if it keeps happening, contact { problem-bank }.
    .desk = A certificate for another request was delivered: tell the CA team at once. That certificate will be revoked.

problem-certificate-subject-mismatch = The certificate that arrived is in another name
    .cause = { $kind ->
        [acquire] Its company name or ID differs from what the bank announced, so it was not installed.
       *[renew] Its company name or ID differs from your present certificate's, so it was not installed.
    }
    .remedy = { problem-kept } Contact { problem-bank }.
    .desk = Ask whether the company's or department's name changed. If so, they acquire a new certificate instead of renewing; if not, tell the CA team.

problem-certificate-untrusted = It could not be confirmed who issued the certificate
    .cause = It wasn't issued by this bank's certification authority, so it was not installed.
    .remedy = { problem-kept } Check that the page's address is your bank's, and contact { problem-bank }.
    .desk = Have them read out the address to rule out phishing. If the CA has changed, send the customer's IT the new profile.

problem-certificate-expired = The certificate that arrived has expired
    .cause = { $date ->
        [unknown] It is past its last day, so it was not installed.
       *[other] It is past its last day ({ $date }), so it was not installed.
    }
    .remedy = Check this PC's date and time and try again. If they are right, contact { problem-bank }.
    .desk = Have them read out the PC's date and time. If these are right, tell the CA team.

problem-certificate-not-yet-valid = The certificate that arrived can't be used yet
    .cause = { $date ->
        [unknown] By this PC's clock its validity hasn't begun.
       *[other] By this PC's clock its validity hasn't begun (it begins on { $date }).
    }
    .remedy = Check this PC's date and time. If they are right, just wait.
    .desk = Check whether the PC's clock is slow; have automatic time switched on. If the certificate really begins later, the renewal waits until that day.

problem-certificate-not-later = The certificate that arrived lasts no longer
    .cause = It ends on the same day as your present one or earlier, so it was not installed.
    .remedy = { problem-kept } Contact { problem-bank }.
    .desk = The CA may have delivered the old certificate again. Give the CA team the renewal's number.

problem-certificate-wrong-usage = The certificate that arrived can't be used to log in
    .cause = Logging in is not among its purposes, so it was not installed.
    .remedy = { problem-kept } Contact { problem-bank }.
    .desk = The CA's certificate settings (extended key usage) are wrong. Tell the CA team, and look whether other customers meet this.

problem-proof-failed = It could not be confirmed that the new certificate works
    .cause = It was written to the card or USB token, but a trial with the new key failed.
    .remedy = { problem-kept } Take the card or USB token out, insert it again, and start the { problem-task } over.
    .desk = Have it reinserted and the renewal started over. Twice in a row: suspect the card and replace it. The old certificate is still there.

problem-new-certificate-gone = The new certificate is no longer there
    .cause = { $token ->
        [unknown] It was removed from the card or USB token, so the old one was left where it is.
       *[other] It was removed from “{ $token }”, so the old one was left where it is.
    }
    .remedy = Run “koshin recover”: it can write the new certificate again. If that doesn't help, contact { problem-bank }.
    .desk = Another program removed the new certificate after it was installed. “koshin recover” writes it again as long as its key is there. Until then the old one must not be revoked.

problem-journal-set-aside = The record of renewals was damaged
    .cause = { $file ->
        [unknown] It was put aside. To be safe, nothing is made and nothing is removed until somebody has looked.
       *[other] It was put aside as “{ $file }”. To be safe, nothing is made and nothing is removed until somebody has looked.
    }
    .remedy = Run “koshin recover --dry-run” to see what is on your cards and tokens, then “koshin recover”.
    .desk = Have the file that was put aside kept. “koshin recover --dry-run” shows keys that no record knows; each is asked about before it is removed. Check the disk.

problem-journal-unavailable = The record of renewals can't be used
    .cause = Koshin's record on this PC is damaged or can't be written. To be safe, nothing was made and nothing was removed.
    .remedy = Check that the disk has room, and ask whoever looks after this PC.
    .desk = Their administrator checks disk space and that the home folder can be written. The record must not be deleted; keep a copy.

problem-internal = Something went wrong inside Koshin
    .cause = It came into a state that it doesn't know, and stopped the { problem-task }.
    .remedy = Try again. If it keeps happening, contact { problem-bank } with the reference number.
    .desk = Note reference number and time, ask for the log lines with that number, and pass them to the developers. Unless the expiry is near, tomorrow is early enough.
