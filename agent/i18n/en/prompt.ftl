# The windows for consent and PIN
