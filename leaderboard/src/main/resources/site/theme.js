// The reader's theme, set before anything is painted. Without a choice the page follows the system.
'use strict';
(() => {
  const key = 'whetstone-theme';
  const system = matchMedia('(prefers-color-scheme: dark)');
  let choice = null;

  const isDark = () => choice === 'dark' || (choice !== 'light' && system.matches);

  function recall() {
    try { choice = localStorage.getItem(key); } catch { choice = null; } // storage can be forbidden
  }

  function keep() {
    try {
      if (choice) localStorage.setItem(key, choice); else localStorage.removeItem(key);
    } catch { /* then the choice lasts as long as the page */ }
  }

  function apply() {
    if (choice === 'dark' || choice === 'light') document.documentElement.dataset.theme = choice;
    else delete document.documentElement.dataset.theme;
    const button = document.querySelector('#theme');
    if (button) {
      button.hidden = false;
      button.setAttribute('aria-pressed', String(isDark()));
    }
  }

  recall();
  apply();
  system.addEventListener('change', apply);
  addEventListener('storage', () => { recall(); apply(); });
  addEventListener('pageshow', event => { if (event.persisted) { recall(); apply(); } });
  document.addEventListener('DOMContentLoaded', () => {
    apply();
    document.querySelector('#theme').addEventListener('click', () => {
      choice = isDark() ? 'light' : 'dark';
      if ((choice === 'dark') === system.matches) choice = null; // what the system says needs no memory
      keep();
      apply();
    });
  });
})();
