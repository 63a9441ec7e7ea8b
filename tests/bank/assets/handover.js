// Carries the customer on to the CA's site; the button is for when this does not run.
document.getElementById('handover').submit();
