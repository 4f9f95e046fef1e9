/* A preview opens beside the page: the form is not sent by it, so its buttons and the local copy stay as they are. */
document.addEventListener("submit", (event) => {
  if (event.submitter?.matches("[data-preview]")) event.stopImmediatePropagation();
}, true);

/* What only some answers ask for is shown once one of them is chosen; without a script everything is there. */
for (const part of document.querySelectorAll("[data-when]")) {
  const form = part.closest("form");
  const show = () => {
    const chosen = form.querySelector(`[name="${part.dataset.when}"]:checked`);
    const typed = [...part.querySelectorAll("input, textarea")].some((field) => field.value.trim());
    part.hidden = !(part.querySelector(".field--error") || typed || part.dataset.values.split(" ").includes(chosen?.value));
  };
  form.addEventListener("change", show);
  show();
}
