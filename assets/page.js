// What the pages do by themselves, a section a page: Shell, Messages, Chat, History, Arena, Vote, Leaderboard, Contender,
// Your votes, Insights, About. All of it is in the head of each page.
(() => {
// ============================== Shell ==============================
// The page's language: the first of the browser's that it speaks. Gradio takes one for its own words, and for the
// labels it puts in place, of navigator.language: it is told the same one. See arena/pages/language.py.
const catalogues = JSON.parse(document.getElementById("page-texts").textContent);
const language = navigator.languages.map((name) => name.split("-")[0]).find((name) => name in catalogues) ?? "en";
const texts = catalogues[language];
Object.defineProperty(navigator, "language", { get: () => language, configurable: true });
document.documentElement.lang = language;

// Tabs that are opened at once in a new browser are given an id each: all take that of the first.
// IndexedDB lets one tab after another read and write; localStorage reaches other tabs later.
const FIRST_VISIT = "blended-arena-first-visit";
window.forgetFirstVisit = () => indexedDB.deleteDatabase(FIRST_VISIT);
window.oneVisitor = (id, isNew) => new Promise((done) => {
  if (!isNew) return done(id);
  const opening = indexedDB.open(FIRST_VISIT, 1);
  opening.onerror = () => done(id);
  opening.onupgradeneeded = () => opening.result.createObjectStore("visits");
  opening.onsuccess = () => {
    const visits = opening.result.transaction("visits", "readwrite").objectStore("visits");
    const reading = visits.get("first");
    reading.onerror = () => done(id);
    reading.onsuccess = () => {
      const first = reading.result;
      const isRecent = first && Date.now() - first.at < 60000;
      if (!isRecent) visits.put({ id, at: Date.now() }, "first");
      opening.result.close(); // once the transaction has ended
      done(isRecent ? first.id : id);
    };
  };
});

// The window is called as its page is. Gradio names it when it has built the page, and knows of one name only.
window.nameWindow = () => {
  const names = [...document.querySelectorAll("[data-title]")].map((part) => part.dataset.title).filter(Boolean);
  const wanted = names.length ? `${names.at(-1)} · ${window.gradio_config.title}` : document.title;
  if (document.title !== wanted) document.title = wanted;
};
new MutationObserver(window.nameWindow).observe(document.head, { childList: true, subtree: true, characterData: true });

// A request that waits for long: the browser may be what holds it back. (That a server has gone is seen by
// Gradio's own page, which asks for it and loads itself anew.)
const notice = document.createElement("p");
notice.setAttribute("role", "status");
notice.id = "waiting-notice";
notice.style.cssText =
  "position: fixed; inset: auto 0 0 0; z-index: 1000; margin: 0; padding: .6rem 1rem; text-align: center; " +
  "background: #5c3d00; color: #fff;";
let patience;
const answered = () => {
  clearTimeout(patience);
  notice.remove();
  notice.textContent = "";
};
const show = () => {
  document.body.append(notice);
  requestAnimationFrame(() => { notice.textContent = texts.waiting; }); // a change is what is read out
};
const asked = () => {
  clearTimeout(patience);
  patience = setTimeout(() => { // nothing has come: perhaps there was nothing to come
    const { root, api_prefix: prefix } = window.gradio_config;
    patience = setTimeout(show, 4000);
    fetch(`${root}${prefix}/app_id`, { cache: "no-store" }).finally(answered).catch(() => {});
  }, 4000);
};
new PerformanceObserver((list) => {
  if (list.getEntries().some((entry) => entry.name.includes("/gradio_api/"))) answered();
}).observe({ type: "resource" });
document.addEventListener("click", asked);
document.addEventListener("keydown", (event) => { if (event.key === "Enter") asked(); });
asked();

// The page is drawn anew after its values have come: what is to have the focus may take some frames.
window.focusOn = (selector, frames = 20) => requestAnimationFrame(() => {
  const found = document.querySelector(selector);
  if (found && !found.disabled) found.focus();
  else if (frames) window.focusOn(selector, frames - 1);
});

// ============================== Messages ==============================
// The boxes that messages are typed in; see arena/pages/composer.py. A draft outlives a reload of its tab.
document.addEventListener("input", (event) => {
  const box = event.target.closest("#chat-box, #duel-box, #chat-persona");
  if (box) composer.keep(box.id, event.target.value);
});
window.composer = {
  key: (name) => `blended-arena-${name}`,
  join: (first, then) => [first, then].filter(Boolean).join("\n"),
  keep(name, text) {
    sessionStorage.setItem(this.key(name), text ?? "");
    return text ?? "";
  },
  restore(name, text) {
    const sent = sessionStorage.getItem(this.key(name + "-sent"));
    const draft = this.join(sent, sessionStorage.getItem(this.key(name)));
    sessionStorage.removeItem(this.key(name + "-sent"));
    return this.keep(name, text || draft);
  },
  // A message that was let in leaves the box; what was typed after it stays.
  take(name, text, taken, keepsSent) {
    if (!taken) return [text, ""];
    if (keepsSent) sessionStorage.setItem(this.key(name + "-sent"), taken);
    const rest = text.startsWith(taken) ? text.slice(taken.length).replace(/^\n/, "") : text;
    return [this.keep(name, rest), ""];
  },
  // A message that comes back stands before what was typed meanwhile.
  giveBack(name, text, returned) {
    sessionStorage.removeItem(this.key(name + "-sent"));
    return [this.keep(name, this.join(returned, text)), ""];
  },
};

// Pages without https, and some frames, may not use the clipboard; an event of copying may.
async function copyText(text) {
  try { return await navigator.clipboard.writeText(text); } catch { /* the other way, then */ }
  const put = (event) => { event.clipboardData.setData("text/plain", text); event.preventDefault(); };
  document.addEventListener("copy", put, { once: true });
  if (!document.execCommand("copy")) throw new Error("this browser copies nothing");
}

// A message's own button copies what was said, not how it looks.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("button.copy");
  if (!button) return;
  try {
    await copyText(JSON.parse(button.dataset.text));
    button.textContent = texts.copied;
  } catch { button.textContent = texts.not_copied; }
  setTimeout(() => { button.textContent = texts.copy; }, 2000);
});

// ============================== Chat ==============================

// ============================== History ==============================

// ============================== Arena ==============================

// ============================== Vote ==============================
// 1-4 vote only while the focus is on the vote bar: typed anywhere else they are text.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.isComposing) return;
  if (!/^[1-4]$/.test(event.key) || !event.target.closest(".votes")) return;
  const button = document.getElementById(`vote-${event.key}`);
  if (button && !button.disabled) button.click();
});

// ============================== Leaderboard ==============================

// ============================== Contender ==============================

// ============================== Your votes ==============================

// ============================== Insights ==============================

// ============================== About ==============================
})();
