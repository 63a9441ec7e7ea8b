# The steps of a renewal as the audit trail names them. A step that ended in a problem has the
# problem's title instead.

trail-begun = The renewal was begun
trail-person-agreed = The person agreed
trail-person-declined = The person declined
trail-token-chosen = A card or USB token was chosen
trail-code-entered = The one-time code was entered
trail-code-refused = The bank refused the one-time code
trail-token-opened = The PIN was accepted
trail-key-made = The new key was made
trail-request-signed = The request was signed
trail-noted = Noted
trail-certificate-accepted = The new certificate was checked and found right
trail-certificate-refused = The certificate that arrived was refused
trail-certificate-not-yet-valid = The new certificate is not valid yet
trail-certificate-written = The new certificate was installed
trail-new-key-proven = The new key was tried out and works
trail-old-certificate-removed = The old certificate was removed
trail-leftovers-removed = What the renewal had left on the token was removed
trail-request-fetched = The request was handed over
trail-answer-received = The certification authority's answer arrived
trail-answer-pending = The certification authority answers later
trail-resumed = The renewal was taken up again
trail-proof-demanded-anew = The page asked for a fresh proof
trail-cancelled = The renewal was cancelled
trail-old-certificate-may-go = The old certificate may be removed
trail-wait-over = The wait was over
trail-time-up = The time was up
trail-agent-restarted = Koshin was started again
