/* Passkeys: a form with data-passkey is shown where the browser knows them, and goes out with the answer of one. */
(() => {
  "use strict";

  const WORDS = {
    NotAllowedError: "没有完成：已经取消、等待太久，或者这台设备上没有这个账号的通行密钥。可以再试一次。",
    InvalidStateError: "这台设备已经登记过，不用再登记。",
    SecurityError: "现在打开本系统的地址不能用通行密钥，请联系系统管理员。",
  };

  const optionsOf = async (form) => {
    const kept = document.getElementById(form.dataset.passkeyOptions);
    if (kept) return JSON.parse(kept.textContent);
    const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(answer.statusText);
    return answer.json();
  };

  const ask = async (form) => {
    const options = await optionsOf(form);
    if (form.dataset.passkey === "get") return webauthnJSON.get(options.request_options);
    const creation = options.creation_options;
    /* One that the device can find by itself also stands for the password. */
    creation.publicKey.authenticatorSelection.residentKey = "preferred";
    creation.publicKey.authenticatorSelection.requireResidentKey = false;
    return webauthnJSON.create(creation);
  };

  const prepare = (form) => {
    const words = form.querySelector("[data-passkey-words]");
    const button = form.querySelector("[type=submit]");
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      event.stopPropagation();
      words.hidden = true;
      button.disabled = true;
      try {
        form.elements.credential.value = JSON.stringify(await ask(form));
        form.submit();
      } catch (error) {
        words.textContent = WORDS[error.name] || "没有完成。请检查网络，重新打开本页再试。";
        words.hidden = false;
        button.disabled = false;
      }
    });
  };

  if (window.webauthnJSON && webauthnJSON.supported()) {
    document.querySelectorAll("[data-passkey-without]").forEach((node) => { node.hidden = true; });
    document.querySelectorAll("form[data-passkey]").forEach(prepare);
  }
})();
