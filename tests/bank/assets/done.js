// A browser closes only windows that a script opened: for the others the hint says how.

document.getElementById('close').addEventListener('click', () => {
  window.close();
  document.getElementById('close-hint').hidden = false;
});
