/* The export page's "select all": the library puts this handler into the page, which our security policy forbids. */
document.addEventListener("change", (event) => {
  if (!event.target.matches(".select-toggle")) return;
  document.querySelectorAll(".selectable-field-export-row input[type=checkbox]").forEach((box) => { box.checked = event.target.checked; });
});
