/* What pages do in the browser beyond HTML. Each part hangs on a data attribute and every page works without it. */
(() => {
  "use strict";

  const find = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const clock = (date) => date.toTimeString().slice(0, 5);
  const when = (date) => `${date.getMonth() + 1}月${date.getDate()}日 ${clock(date)}`;
  const make = (tag, properties = {}, ...children) => {
    const node = Object.assign(document.createElement(tag), properties);
    node.append(...children);
    return node;
  };

  /* 大字版: the cookie is what the server reads; without JavaScript the form posts and the server sets it. */
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-large-switch]")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const large = document.documentElement.dataset.large !== "1" && !document.body.classList.contains("is-large");
    document.body.classList.remove("is-large");
    if (large) document.documentElement.dataset.large = "1";
    else delete document.documentElement.dataset.large;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `large_type=${large ? 1 : 0}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
    all("[data-large-words]").forEach((node) => { node.textContent = large ? "标准版" : "大字版"; });
    all("[data-large-switch] [aria-pressed]").forEach((node) => { node.setAttribute("aria-pressed", String(large)); });
  });

  /* User menu: closes by Escape and by a click elsewhere. */
  document.addEventListener("click", (event) => {
    all("[data-menu][open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      all("[data-menu][open]").forEach((menu) => { menu.open = false; find("summary", menu).focus(); });
    }
    if (event.key === "Escape" && event.target.matches?.("[data-search], .filters [name=q], #searchbar")) event.target.blur();
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const box = find("[data-search], .filters [name=q], #searchbar");
      if (box) { event.preventDefault(); box.focus(); box.select(); }
    }
  });

  /* A question before what cannot be undone: data-confirm on the button, data-confirm-detail below it. */
  const ask = (button) => new Promise((resolve) => {
    const no = make("button", { type: "button", className: "btn", textContent: "不，返回" });
    const yes = make("button", { type: "button", className: "btn btn--primary", textContent: button.textContent.trim() });
    if (button.classList.contains("btn--danger")) yes.className = "btn btn--danger";
    const heading = make("h2", { id: "confirm-heading", textContent: button.dataset.confirm });
    const dialog = make("dialog", { className: "confirm" }, heading);
    dialog.setAttribute("aria-labelledby", "confirm-heading");
    if (button.dataset.confirmDetail) dialog.append(make("p", { textContent: button.dataset.confirmDetail }));
    else dialog.append(make("p"));
    dialog.append(make("div", { className: "btn-row" }, no, yes));
    document.body.append(dialog);
    let answer = false;
    no.addEventListener("click", () => dialog.close());
    yes.addEventListener("click", () => { answer = true; dialog.close(); });
    dialog.addEventListener("close", () => { dialog.remove(); resolve(answer); });
    dialog.showModal();
    no.focus();
  });
  const confirmed = new WeakSet();
  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button?.dataset.confirm || confirmed.has(button)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(button).then((yes) => {
      if (!yes) { button.focus(); return; }
      confirmed.add(button);
      event.target.requestSubmit(button);
      confirmed.delete(button);
    });
  });

  /* Drafts. The server keeps them (data-autosave-url); this browser keeps what could not be sent, and no longer. */
  const SENT = "portal-sent";
  const KEY = (form) => `draft:${form.dataset.autosave}`;
  const SKIP = new Set(["csrfmiddlewaretoken", "version", "save", "submit"]);
  const texts = (form) => [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !SKIP.has(name));
  const store = (key, value) => {
    try {
      if (value === null) localStorage.removeItem(key);
      else localStorage.setItem(key, JSON.stringify(value));
      return true;
    } catch { return false; }
  };
  const read = (key) => { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } };
  const say = (form, state, words) => {
    const node = find("[data-save-state]", form);
    if (node) { node.dataset.state = state; node.textContent = words; }
  };

  const restore = (form, entries) => {
    const wanted = new Map();
    entries.forEach(([name, value]) => wanted.set(name, [...(wanted.get(name) || []), value]));
    [...form.elements].forEach((field) => {
      if (!field.name || SKIP.has(field.name) || field.type === "file" || field.type === "submit") return;
      const values = wanted.get(field.name) || [];
      if (field.type === "checkbox" || field.type === "radio") field.checked = values.includes(field.value);
      else if (field.tagName === "SELECT" && field.multiple) [...field.options].forEach((o) => { o.selected = values.includes(o.value); });
      else if (values.length) field.value = values.shift();
    });
    form.dispatchEvent(new Event("input", { bubbles: true }));
    form.dispatchEvent(new Event("change", { bubbles: true }));
  };

  const offer = (form, draft) => {
    const take = make("button", { type: "button", className: "btn btn--primary btn--small", textContent: "恢复这份内容" });
    const drop = make("button", { type: "button", className: "btn btn--small", textContent: "不要了" });
    const note = make("div", { className: "note note--warning" }, make("div", { className: "note__text" },
      make("p", { textContent: `本机留有一份 ${when(new Date(draft.at))} 没有送出的内容。` }),
      make("div", { className: "btn-row" }, take, drop)));
    note.setAttribute("role", "alert");
    form.before(make("div", { className: "messages" }, note));
    take.addEventListener("click", () => { restore(form, draft.entries); note.parentNode.remove(); });
    drop.addEventListener("click", () => { store(KEY(form), null); note.parentNode.remove(); });
  };

  const watch = (form) => {
    let shown = JSON.stringify(texts(form));
    let busy = false;
    let timer = 0;
    form.isDirty = () => JSON.stringify(texts(form)) !== shown;

    const keepHere = (state, words) => {
      if (!form.dataset.autosave) return;
      const kept = store(KEY(form), { at: Date.now(), entries: texts(form) });
      say(form, state, kept ? words : "没有保存：本机不允许存储，请勿关闭页面");
    };
    const later = (wait) => { clearTimeout(timer); timer = setTimeout(save, wait); };
    const save = async () => {
      if (form.dataset.sending || !form.isDirty()) return;
      if (busy) { later(500); return; }
      const url = form.dataset.autosaveUrl;
      if (!url) { keepHere("here", `已存在本机 ${clock(new Date())}`); return; }
      busy = true;
      const sent = JSON.stringify(texts(form));
      const body = new FormData(form);
      all("[type=file]", form).forEach((field) => body.delete(field.name));
      try {
        const answer = await fetch(url, { method: "POST", body, headers: { "X-Requested-With": "autosave" }, redirect: "error" });
        if (answer.ok) {
          const told = answer.headers.get("content-type")?.includes("json") ? await answer.json() : {};
          shown = sent;
          store(KEY(form), null);
          if (told.autosave_url) form.dataset.autosaveUrl = told.autosave_url;
          if (told.draft_key) form.dataset.autosave = told.draft_key;
          if (told.action) { form.action = told.action; history.replaceState(null, "", told.action); }
          if (told.version && form.elements.version) form.elements.version.value = told.version;
          say(form, "saved", `已保存 ${told.saved_at || clock(new Date())}`);
        } else if (answer.status === 401) keepHere("failed", "登录已过期，没有存到系统，已存在本机；请重新登录后回到本页");
        else if (answer.status === 409) keepHere("failed", "此件已在别处改动，本页内容已存在本机，请刷新后核对");
        else {
          keepHere("failed", "没有存到系统，已存在本机");
          if (answer.status >= 500) later(10000);
        }
      } catch {
        keepHere("offline", "没有网络，已存在本机");
        later(5000);
      }
      busy = false;
    };

    if (form.dataset.autosave) {
      form.addEventListener("input", () => later(2500));
      form.addEventListener("change", () => later(800));
      addEventListener("online", save);
      addEventListener("pagehide", () => { if (!form.dataset.sending && form.isDirty()) keepHere("here", ""); });
      const draft = read(KEY(form));
      if (draft && !("returned" in form.dataset) && JSON.stringify(draft.entries) !== shown) offer(form, draft);
    }
  };

  addEventListener("beforeunload", (event) => {
    const lost = all("form[data-warn-unsaved]").some((form) => !form.dataset.sending && form.isDirty?.());
    if (lost) event.preventDefault();
  });

  /* One click, one submission: the buttons rest until the answer comes, or the page is shown again. */
  const wake = () => all("form[data-sending]").forEach((form) => {
    delete form.dataset.sending;
    all("[data-resting]", form).forEach((button) => { button.disabled = false; delete button.dataset.resting; });
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.matches("[data-large-switch]") || event.defaultPrevented) return;
    if (form.dataset.sending) { event.preventDefault(); return; }
    if (form.dataset.autosave && !navigator.onLine) {
      event.preventDefault();
      store(KEY(form), { at: Date.now(), entries: texts(form) });
      say(form, "offline", "没有网络，还没有提交；内容已存在本机，有网络后请再点一次");
      return;
    }
    form.dataset.sending = "1";
    if (form.dataset.autosave) {
      store(KEY(form), { at: Date.now(), entries: texts(form) });
      try { sessionStorage.setItem(SENT, KEY(form)); } catch { /* the copy then stays for the next visit */ }
    }
    setTimeout(() => {
      all("button:not([type=button]), input[type=submit]", form).forEach((button) => {
        if (!button.disabled) { button.disabled = true; button.dataset.resting = "1"; }
      });
      setTimeout(wake, 20000);
    });
  });
  addEventListener("pageshow", wake);

  /* The server has answered with another page, so it has what was sent: this browser's copy goes. An error page or the
     log-in page say the contrary. */
  const forgetSent = () => {
    let key = null;
    try { key = sessionStorage.getItem(SENT); sessionStorage.removeItem(SENT); } catch { return; }
    if (find(".error-code") || location.pathname.startsWith("/accounts/")) return;
    if (key && !all("form[data-autosave]").some((form) => KEY(form) === key)) store(key, null);
  };

  /* A row of a list opens by a click anywhere in it. */
  document.addEventListener("click", (event) => {
    const row = event.target.closest?.("tr[data-href]");
    if (!row || event.target.closest("a, button, input, label, select, form") || String(getSelection())) return;
    if (event.ctrlKey || event.metaKey) window.open(row.dataset.href);
    else location.assign(row.dataset.href);
  });

  /* Filters take effect when one is chosen; the search box waits for Enter. */
  document.addEventListener("change", (event) => {
    const form = event.target.closest?.("form[data-autosubmit]");
    if (form && event.target.name && event.target.matches("select, [type=checkbox], [type=radio], [type=date]")) form.requestSubmit();
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-autosubmit]")) return;
    [...event.target.elements].forEach((field) => { if (field.name && !field.value) field.disabled = true; });
    addEventListener("pageshow", () => [...event.target.elements].forEach((field) => { field.disabled = false; }), { once: true });
  });

  /* Picker: looks through many choices by name or by pinyin initials, shows what is chosen. */
  const picker = (root) => {
    const box = find("[data-picker-search]", root);
    const chosen = find("[data-picker-chosen]", root);
    const none = find("[data-picker-none]", root);
    const choices = all(".picker__list input", root).filter((input) => input.value);
    const words = (input) => input.closest("label").textContent.trim();
    const show = () => {
      chosen.replaceChildren(...choices.filter((input) => input.checked).map((input) => {
        const chip = make("button", { type: "button", className: "chip", textContent: `${words(input)} ✕` });
        chip.setAttribute("aria-label", `去掉${words(input)}`);
        chip.addEventListener("click", () => { input.checked = false; input.dispatchEvent(new Event("change", { bubbles: true })); box.focus(); });
        return chip;
      }));
    };
    const filter = () => {
      const wanted = box.value.trim().toLowerCase();
      let hits = 0;
      choices.forEach((input) => {
        const hit = !wanted || `${words(input)} ${input.dataset.search || ""}`.toLowerCase().includes(wanted);
        input.closest("label").parentNode.hidden = !hit;
        hits += hit;
      });
      all(".picker__list > div > div:has(> div)", root).forEach((group) => { group.hidden = !find(":scope > div:not([hidden])", group); });
      none.hidden = hits > 0;
    };
    find("[data-picker-top]", root).hidden = choices.length < 9;
    box.addEventListener("input", filter);
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      const hits = choices.filter((input) => !input.closest("label").parentNode.hidden);
      if (hits.length === 1) { hits[0].click(); box.value = ""; filter(); }
    });
    root.addEventListener("change", show);
    show();
  };

  /* The browser's own file button speaks the browser's language: ours stands in its place and tells what was chosen. */
  const filePick = (input) => {
    if (!input.id) return;
    const name = make("span", { className: "file-pick__name", textContent: "未选择文件" });
    const button = make("label", { className: "file-pick__button", htmlFor: input.id, textContent: "选择文件" });
    const box = make("span", { className: "file-pick" });
    name.setAttribute("aria-live", "polite");
    input.replaceWith(box);
    box.append(input, button, name);
    input.classList.add("visually-hidden");
    input.addEventListener("change", () => {
      name.textContent = [...input.files].map((file) => file.name).join("、") || "未选择文件";
    });
  };

  const start = () => {
    forgetSent();
    all("input[type=file]").forEach(filePick);
    all("[data-print]").forEach((button) => { button.hidden = false; button.addEventListener("click", () => print()); });
    all("form[data-autosave], form[data-warn-unsaved]").forEach(watch);
    all("[data-picker]").forEach(picker);
    find("[data-error-summary]")?.focus();
    all(".site-nav [aria-current], .views [aria-current]").forEach((link) => {
      const row = link.closest(".site-nav__list, .views");
      row.scrollLeft = link.offsetLeft - (row.clientWidth - link.offsetWidth) / 2;
    });
    all("[data-message]").forEach((note) => {
      const close = make("button", { type: "button", className: "note__close", textContent: "关闭" });
      close.addEventListener("click", () => note.remove());
      note.append(close);
    });
    all("[data-show-password]").forEach((button) => {
      button.hidden = false;
      button.addEventListener("click", () => {
        const field = document.getElementById(button.dataset.showPassword);
        field.type = field.type === "password" ? "text" : "password";
        button.textContent = field.type === "password" ? "显示" : "隐藏";
      });
    });
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
