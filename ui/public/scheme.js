(function () {
  var stored = null;
  try {
    stored = localStorage.getItem("lgtm-color-scheme");
  } catch (_) {
    // Storage may be forbidden; the system's preference decides then.
  }
  var dark = stored === "dark" || (stored !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
})();
