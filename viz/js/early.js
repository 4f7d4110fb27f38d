// Sets theme and language before the first paint. Not a module: modules run too late for that.
(() => {
  const root = document.documentElement;
  const read = (key) => { try { return localStorage.getItem(key); } catch { return null; } };
  const theme = read("kg.theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  const lang = new URLSearchParams(location.search).get("lang") || read("kg.lang");
  root.lang = lang === "en" ? "en" : "ja";
})();
