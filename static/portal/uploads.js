/* Says before sending what the server would refuse after a long wait, and that a file is on its way. */
(() => {
  "use strict";
  const MB = 1024 * 1024;
  const size = (bytes) => (bytes < MB ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / MB).toFixed(1).replace(".0", "")} MB`);
  document.querySelectorAll("form[data-upload]").forEach((form) => {
    const input = form.querySelector("input[type=file]");
    const state = form.querySelector("[data-upload-state]");
    const wrong = () => {
      const files = [...input.files];
      if (!files.length) return "请先选择要上传的文件。";
      const large = files.filter((file) => file.size > Number(form.dataset.maxBytes));
      if (large.length) return `${large.map((file) => `「${file.name}」`).join("、")}超过 ${size(Number(form.dataset.maxBytes))}，请压缩后再选。`;
      const empty = files.filter((file) => file.size === 0);
      if (empty.length) return `${empty.map((file) => `「${file.name}」`).join("、")}是空的，请重新选择。`;
      if (files.length > Number(form.dataset.left)) return `一共选了 ${files.length} 个文件，还可以上传 ${form.dataset.left} 个，请减少几个。`;
      return "";
    };
    const total = () => [...input.files].reduce((sum, file) => sum + file.size, 0);
    const say = (words, bad = false) => { state.textContent = words; state.classList.toggle("uploads__state--wrong", bad); };
    input.addEventListener("change", () => {
      if (input.files.length) say(wrong() || `共 ${input.files.length} 个，${size(total())}`, Boolean(wrong()));
      else say("");
    });
    form.addEventListener("submit", (event) => {
      if (wrong()) { event.preventDefault(); say(wrong(), true); return; }
      say(`正在上传 ${input.files.length} 个文件（${size(total())}），请不要离开本页……`);
    });
    addEventListener("pageshow", (event) => { if (event.persisted) say(""); });
  });
})();
