/* A filter with many choices gets a box that narrows them down. */
(() => {
  "use strict";
  const MANY = 12;
  document.querySelectorAll(".pick details").forEach((pick) => {
    const list = pick.querySelector(".pick__list");
    const rows = [...list.children];
    if (rows.length <= MANY) return;
    const box = Object.assign(document.createElement("input"), { type: "text", placeholder: "输入几个字缩小范围", autocomplete: "off" });
    box.setAttribute("aria-label", "在这些选项中查找");
    const place = Object.assign(document.createElement("li"), { className: "pick__find" });
    place.append(box);
    list.prepend(place);
    box.addEventListener("input", () => {
      const wanted = box.value.trim();
      rows.forEach((row) => { row.hidden = !row.textContent.includes(wanted); });
    });
    box.addEventListener("keydown", (event) => {
      const hits = rows.filter((row) => !row.hidden);
      if (event.key === "Enter" && hits.length) { event.preventDefault(); location.assign(hits[0].firstElementChild.href); }
    });
    pick.addEventListener("toggle", () => { if (pick.open) box.focus(); });
  });
})();
