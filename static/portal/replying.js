/* A preview opens beside the page: the form is not sent by it, so its buttons and the local copy stay as they are. */
document.addEventListener("submit", (event) => {
  if (event.submitter?.matches("[data-preview]")) event.stopImmediatePropagation();
}, true);
