/* The draft: what only a bill needs is shown for a bill. Without JavaScript it stands there with a note. */
(() => {
  "use strict";

  const start = () => {
    const form = document.querySelector("form[data-autosave]");
    const section = document.getElementById("section-bill");
    if (!form || !section) return;
    const link = document.querySelector('.form-index a[href="#section-bill"]');
    const show = () => {
      const chosen = form.querySelector("[name=form]:checked");
      const rests = chosen?.value !== "bill" && !section.querySelector(".field--error");
      section.hidden = rests;
      if (link) link.hidden = rests;
    };
    form.addEventListener("change", show);
    show();
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
