// @ts-check
// The theme, set before the first paint: the remembered choice, or else the system's. Loaded as a
// classic script in the head.
(() => {
  let theme;
  try {
    theme = JSON.parse(localStorage.getItem('netmonitor') ?? '{}').theme;
  } catch {
    // Storage may be refused: the system's theme stands.
  }
  const system = matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark';
  document.documentElement.dataset.theme = theme === 'light' || theme === 'dark' ? theme : system;
})();
