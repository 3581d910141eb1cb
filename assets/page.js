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

// On a phone the open page's link may lie outside the row of links.
window.showOpenLink = () => requestAnimationFrame(() => {
  const nav = document.querySelector("#header nav");
  const open = nav?.querySelector("[aria-current]");
  if (open && innerWidth <= 640) nav.scrollLeft = open.offsetLeft - nav.offsetLeft - nav.clientWidth / 3;
});

// Who comes back to the chat from another page finds the one that was open in this window.
const CHAT_OPEN = "blended-arena-chat-open";
addEventListener("pagehide", () => {
  const id = new URLSearchParams(location.search).get("chat") ?? "";
  if (document.getElementById("chat")) sessionStorage.setItem(CHAT_OPEN, id);
});
document.addEventListener("click", (event) => {
  const link = event.target.closest('#header nav a[href="./"]');
  const id = sessionStorage.getItem(CHAT_OPEN);
  if (link && id && !document.getElementById("chat")) link.href = `./?chat=${encodeURIComponent(id)}`;
});

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

// The page is drawn anew after its values have come: what is to have the focus may take some frames. What is there
// and sleeps may take seconds, as the box of a page that is just opened; unless the visitor goes elsewhere meanwhile.
// Who types somewhere by then is left there.
window.focusOn = (selector, frames = 20, from = document.activeElement) => requestAnimationFrame(() => {
  const found = document.querySelector(selector);
  const sleeps = found?.disabled && frames > -600 && [from, document.body].includes(document.activeElement);
  if (document.activeElement.matches("input:not([type=checkbox], [type=radio]), textarea")) return;
  if (found && !found.disabled) found.focus();
  else if (sleeps || frames > 0) window.focusOn(selector, frames - 1, from);
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
  restore(name, text) { return this.keep(name, text || sessionStorage.getItem(this.key(name))); },
  // A message that was let in leaves the box; what was typed after it stays.
  take(name, text, outgoing, keepsSent) {
    if (!outgoing) return [text, ""];
    if (keepsSent) sessionStorage.setItem(this.key(name + "-sent"), outgoing);
    const before = text.endsWith(`\n${outgoing}`) ? text.slice(0, -outgoing.length - 1) : text; // what was given back meanwhile
    const rest = text.startsWith(outgoing) ? text.slice(outgoing.length).replace(/^\n/, "") : before;
    return [this.keep(name, rest), ""];
  },
  // What was sent from a box is no draft any more.
  drop(name, text) { if (sessionStorage.getItem(this.key(name)) === text) this.keep(name, ""); },
  // A message that comes back stands before what was typed meanwhile.
  giveBack(name, text, incoming) {
    sessionStorage.removeItem(this.key(name + "-sent"));
    return [this.keep(name, this.join(incoming, text)), ""];
  },
  // So does one that was sent before a reload, unless it is answered by now.
  giveSentBack(name, text, answered) {
    const sent = sessionStorage.getItem(this.key(name + "-sent"));
    return this.giveBack(name, text, sent?.trim() === answered ? "" : sent);
  },
};

// Pages without https, and some frames, may not use the clipboard; an event of copying may.
async function copyText(text) {
  try { return await navigator.clipboard.writeText(text); } catch { /* the other way, then */ }
  const put = (event) => { event.clipboardData.setData("text/plain", text); event.preventDefault(); };
  document.addEventListener("copy", put, { once: true });
  if (!document.execCommand("copy")) throw new Error("this browser copies nothing");
}

// A message's own button copies what was said, not how it looks; that of a block of code copies the code. One that shows an icon says beside it that it did.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("button.copy");
  if (!button) return;
  const before = button.matches(".icon") ? "" : texts.copy;
  try {
    const code = button.closest(".code")?.querySelector("pre");
    await copyText(code ? code.textContent.replace(/\n$/, "") : JSON.parse(button.dataset.text));
    button.textContent = texts.copied;
  } catch { button.textContent = texts.not_copied; }
  setTimeout(() => { button.textContent = before; }, 2000);
});

// ============================== Chat ==============================
// What stands at a message is in the message's own HTML (see arena/pages/chat/message_tools.py): a press
// becomes an event of the component that fills `on`.
window.chat = {
  on: {},
  edited: "",
  pressed: null,
  // A reply that is rated is drawn anew: what was pressed at it has the focus again, unless the visitor went elsewhere;
  // and the reasons that can be given for a thumb come into view.
  refocus() {
    const { turn, act, reason } = this.pressed ?? {};
    requestAnimationFrame(() => requestAnimationFrame(() => {
      document.querySelector("#chat-log .thumb-reasons[open]")?.scrollIntoView({ block: "nearest" });
      if (!turn || document.activeElement !== document.body) return;
      const at = `#chat-log .said[data-turn="${turn}"] [data-act="${act}"]`;
      document.querySelector(reason ? `${at}[data-reason="${CSS.escape(reason)}"]` : at)?.focus();
    }));
  },
};
const chatPage = () => document.getElementById("chat");
const turnOf = (part) => part.closest("[data-turn]").dataset.turn;
// A thumb that shows as given is taken back. What is pressed twice, while nothing shows yet, is given once.
const wished = (button) => (button.getAttribute("aria-pressed") === "true" ? "back" : null);
const acts = {
  retry: (button) => chat.on.retry({ index: turnOf(button), value: null }),
  undo: (button) => chat.on.undo({ index: turnOf(button), value: null }),
  good: (button) => chat.on.thumb({ index: turnOf(button), value: wished(button), liked: true }),
  bad: (button) => chat.on.thumb({ index: turnOf(button), value: wished(button), liked: false }),
  edit: (button) => openEditor(button.closest(".said")),
  reason: (button) => chat.on.reason({
    index: turnOf(button), value: button.dataset.reason, liked: button.getAttribute("aria-pressed") !== "true" }),
  opener: (button) => chat.on.opener({ index: Number(button.dataset.index), value: null }),
  light: (button) => pin(button.getAttribute("aria-pressed") === "true" ? null : button.dataset.who),
  go: (button) => goTo(button.dataset.turn),
  why(button) {
    const panel = button.closest(".said").querySelector(".chances");
    panel.hidden = !panel.hidden;
    button.setAttribute("aria-expanded", !panel.hidden);
    if (!panel.hidden) panel.scrollIntoView({ block: "nearest" });
  },
  persona: () => openPersona(!chatPage().classList.contains("with-persona")),
};
document.addEventListener("click", (event) => {
  const button = event.target.closest("#chat [data-act]");
  const said = button?.closest("[data-turn]");
  if (said) chat.pressed = { turn: said.dataset.turn, ...button.dataset };
  if (button) acts[button.dataset.act](button);
  if (!button) pin(null);
  if (button?.dataset.act !== "persona" && !event.target.closest("#chat-persona")) openPersona(false);
});

// A member lights its turns up: while the mouse or the focus is on it, or from one tap to the next.
let pinned = null;
const light = (who) => {
  const page = chatPage();
  if (!page) return;
  if (who === null) delete page.dataset.lit;
  else page.dataset.lit = who;
};
const pin = (who) => {
  pinned = who;
  light(who);
  for (const button of document.querySelectorAll("#chat [data-act=light]")) {
    button.setAttribute("aria-pressed", button.dataset.who === who);
  }
};
const memberAt = (event) => event.target.closest?.("#chat [data-who]");
for (const [come, leave] of [["pointerover", "pointerout"], ["focusin", "focusout"]]) {
  document.addEventListener(come, (event) => {
    const member = memberAt(event);
    if (member && event.pointerType !== "touch" && (come === "pointerover" || member.matches(":focus-visible"))) {
      light(member.dataset.who);
    }
  });
  document.addEventListener(leave, (event) => { if (memberAt(event)) light(pinned); });
}

// A mark of the ribbon goes to its reply; the arrow keys go from mark to mark.
const goTo = (turn) => {
  const reply = [...document.querySelectorAll(`#chat-log .said[data-turn="${turn}"]`)].at(-1);
  if (!reply) return;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  reply.scrollIntoView({ block: "center", behavior: calm ? "instant" : "smooth" });
  reply.querySelector("button")?.focus({ preventScroll: true });
};
document.addEventListener("keydown", (event) => {
  const mark = event.target.closest?.("#chat .ribbon .mark");
  if (!mark) return;
  const marks = [...mark.parentElement.children], at = marks.indexOf(mark), last = marks.length - 1;
  const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  const next = marks[Math.max(0, Math.min(last, to))];
  mark.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
});

// A message is edited in its own place. It stays open until the server has accepted the new text: then the message
// is another one, and the form goes with the old one.
const openEditor = (said) => {
  if (said.querySelector(".editor")) return;
  const form = document.createElement("form"), box = document.createElement("textarea");
  form.className = "editor";
  box.value = JSON.parse(said.querySelector(".copy").dataset.text);
  box.setAttribute("aria-label", texts.editing);
  box.rows = Math.min(8, box.value.split("\n").length + Math.floor(box.value.length / 60));
  const note = Object.assign(document.createElement("p"), { textContent: texts.editing });
  const again = Object.assign(document.createElement("button"), { type: "submit", textContent: texts.send_again });
  const cancel = Object.assign(document.createElement("button"), { type: "button", textContent: texts.cancel });
  const close = () => {
    said.classList.remove("edited");
    form.remove();
    said.querySelector("[data-act=edit]").focus();
  };
  cancel.addEventListener("click", close);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    chat.edited = box.value;
    chat.on.edit({ index: turnOf(said), value: null });
  });
  box.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Escape") close();
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  form.append(box, note, cancel, again);
  said.classList.add("edited");
  said.append(form);
  box.focus();
};

// The persona's panel, over the box. Its button may be drawn anew while it is open, and says nothing of it then.
const openPersona = (open) => {
  const page = chatPage(), button = page?.querySelector("[data-act=persona]");
  if (!button || page.classList.contains("with-persona") === open) return;
  page.classList.toggle("with-persona", open);
  button.setAttribute("aria-expanded", open);
  if (open) page.querySelector("#chat-persona textarea").focus();
};
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !event.target.closest("#chat-persona")) return;
  openPersona(false);
  chatPage().querySelector("[data-act=persona]").focus();
});

// ============================== History ==============================
// The side bar with the visitor's own chats; arena/pages/chat/history is the other half. Each chat is a link: pressed
// with a key held down it opens in another tab, else in this page.
const PHONE = matchMedia("(max-width: 768px)"); // there Gradio's side bar covers the page
const SEARCH = "#history-search :is(input, textarea)";
const ROOMY = 1200; // pixels of a window in which the bar is open at first
// Back and forward: the page is loaded with the chat of that address.
addEventListener("popstate", () => {
  if ((new URL(location.href).searchParams.get("chat") ?? "") !== chats.current) location.reload();
});
const BAR_KEPT = "blended-arena-history";
window.chats = {
  current: new URL(location.href).searchParams.get("chat") ?? "",
  get bar() { return document.getElementById("history"); },
  get button() { return document.getElementById("history-toggle"); },
  get isOpen() { return this.bar.classList.contains("open"); },

  // The chat that is shown, from when it is chosen: in the address, so that a reload brings it back; in the list; in the
  // window's name. A new chat that has its first message now is no further step for "back"; another chat is one. That a
  // page which was loaded shows another chat than its address says is none, too: "back" would come here again.
  show(id, isStep = true) {
    const step = isStep && this.current ? "pushState" : "replaceState";
    this.current = id;
    const address = new URL(location.href);
    if (id) address.searchParams.set("chat", id); else address.searchParams.delete("chat");
    if (address.href !== location.href) history[step](history.state, "", address);
    this.mark();
  },
  // What comes late is shown in place of what was chosen after it: that is opened once more.
  arrive(id) { if (id !== this.current) this.reopen(); },
  // A chat with another contender is another page.
  talkWith(name) {
    const address = new URL(location.href);
    address.searchParams.delete("chat");
    address.searchParams.set("with", name);
    location.href = address;
  },
  mark() {
    const open = this.item(this.current)?.querySelector("a");
    this.bar.querySelectorAll("a[aria-current]").forEach((link) => link.removeAttribute("aria-current"));
    open?.setAttribute("aria-current", "page");
    const list = this.bar.querySelector("nav");
    if (list) list.dataset.title = open?.textContent ?? "";
    nameWindow();
  },
  item(id) { return this.bar.querySelector(`li[data-chat="${CSS.escape(id)}"]`); },
  save(name, text) {
    if (!name) return;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text]));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  },

  // Gradio's own button opens and closes the bar; ours, above the chat, is pressed in its place.
  toggle() { this.bar.querySelector(".toggle-button").click(); },
  close() { if (this.isOpen) this.toggle(); },
  // What is hidden cannot be reached by keyboard: the closed bar, and behind a drawer the page.
  settle() {
    const { bar, button, isOpen } = this;
    bar.querySelector(".sidebar-content").inert = !isOpen;
    button?.setAttribute("aria-expanded", isOpen);
    button?.setAttribute("aria-controls", "history");
    const own = bar.querySelector(".toggle-button");
    own.setAttribute("aria-label", bar.querySelector("nav")?.dataset.close ?? "");
    own.setAttribute("aria-expanded", isOpen);
    for (let part = bar; part.parentElement && !part.matches("main, .gradio-container"); part = part.parentElement)
      for (const other of part.parentElement.children) if (other !== part) other.inert = isOpen && PHONE.matches;
  },

  // What can be pressed in the list. trigger, watch: of the component that shows it; see gr.HTML.
  connect(element, trigger, watch, [leave, open, more, find, rename, remove, save]) {
    let after; // where the focus goes once the list is drawn anew; the next key or press is another wish
    let searched; // what was searched for once more
    const removing = new Set(); // chats that are being deleted
    let unfolded; // what stands under a chat: it stays there when the list is drawn anew
    const menu = (item, name, text, focus = true) => {
      item.querySelector(".acts")?.remove();
      item.append(element.querySelector(`template.${name}`).content.cloneNode(true));
      item.querySelector(".chat-menu").setAttribute("aria-expanded", "true");
      unfolded = { id: item.dataset.chat, name };
      const input = item.querySelector(".acts input");
      if (input) input.value = text ?? item.querySelector("a").textContent;
      if (focus) (input ?? item.querySelector(".acts button")).focus();
      if (input && text === undefined) input.select();
    };
    const fold = (item) => {
      unfolded = undefined;
      item.querySelector(".acts")?.remove();
      const button = item.querySelector(".chat-menu");
      button.setAttribute("aria-expanded", "false");
      return button;
    };
    const drawn = () => {
      this.mark();
      this.settle();
      after?.();
      after = undefined;
      const gone = [...removing].filter((id) => !this.item(id));
      gone.forEach((id) => removing.delete(id));
      if (gone.includes(this.current)) document.getElementById("new-chat").click();
      // What came late may be a list of another search.
      const search = document.querySelector(SEARCH).value.trim(), list = element.querySelector("nav");
      if (!list || list.dataset.search === search) searched = undefined;
      else if (searched !== search) {
        searched = search;
        trigger(find);
      }
      const item = unfolded && this.item(unfolded.id);
      if (item && !item.querySelector(".acts")) menu(item, unfolded.name, unfolded.text, document.activeElement === document.body);
    };
    const acts = {
      rename: (item) => menu(item, "chat-rename"),
      delete: (item) => menu(item, "chat-delete"),
      cancel: (item) => fold(item).focus(),
      md: (item, id) => { trigger(save, { index: id, value: "md" }); fold(item).focus(); },
      json: (item, id) => { trigger(save, { index: id, value: "json" }); fold(item).focus(); },
      sure: (item, id) => {
        const next = item.nextElementSibling ?? item.previousElementSibling;
        removing.add(id);
        after = () => {
          if (this.item(id)) return; // it could not be deleted
          unfolded = undefined;
          (this.item(next?.dataset.chat ?? "")?.querySelector("a") ?? document.querySelector(SEARCH)).focus();
        };
        trigger(remove, { index: id });
      },
    };
    element.addEventListener("click", (event) => {
      const item = event.target.closest("li[data-chat]");
      const id = item?.dataset.chat;
      const button = event.target.closest("button");
      if (event.target.closest("a[href]")) {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        if (id !== this.current) {
          this.show(id);
          [leave, open].forEach((name) => trigger(name));
        }
        if (PHONE.matches) this.close();
      } else if (button?.matches(".chats-more")) {
        const count = element.querySelectorAll("li").length;
        after = () => element.querySelectorAll("li a")[count]?.focus();
        trigger(more);
      } else if (button?.matches(".chat-menu")) {
        const isOpen = button.getAttribute("aria-expanded") === "true";
        element.querySelectorAll("li:has(.acts)").forEach(fold);
        if (!isOpen) menu(item, "chat-acts");
      } else if (button?.dataset.act) acts[button.dataset.act](item, id);
    });
    element.addEventListener("submit", (event) => {
      event.preventDefault();
      const item = event.target.closest("li");
      const [id, title] = [item.dataset.chat, item.querySelector("input").value];
      if (title === item.querySelector("a").textContent) return fold(item).focus();
      after = () => { if (this.item(id)) fold(this.item(id)).focus(); };
      trigger(rename, { index: id, value: title });
    });
    element.addEventListener("input", (event) => { if (unfolded) unfolded.text = event.target.value; });
    for (const wish of ["keydown", "pointerdown"]) document.addEventListener(wish, () => { after = undefined; }, true);
    watch("value", drawn);
    this.reopen = () => trigger(open);

    const { bar } = this;
    bar.addEventListener("input", (event) => { if (event.target.matches(SEARCH)) setTimeout(trigger, 0, find); });
    new MutationObserver(() => this.settle()).observe(bar, { attributes: true, attributeFilter: ["class"] });
    PHONE.addEventListener("change", () => this.settle());
    bar.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      const item = event.target.closest("li:has(.acts)");
      if (item) return fold(item).focus();
      if (!PHONE.matches) return;
      this.close();
      focusOn("#history-toggle"); // once it can be reached again
    });
    const kept = localStorage.getItem(BAR_KEPT);
    if (!PHONE.matches && (kept === "open" || (!kept && innerWidth >= ROOMY))) this.toggle();
    this.settle();
  },
};
document.addEventListener("click", (event) => {
  const { bar, button } = window.chats;
  if (!bar || !event.isTrusted) return; // what this script presses is nobody's wish
  const isOpen = window.chats.isOpen; // before the click had its effect
  if (button.contains(event.target)) window.chats.toggle();
  else if (PHONE.matches && isOpen && !bar.contains(event.target)) return window.chats.close(); // beside the drawer
  else if (!event.target.closest("#history .toggle-button")) return;
  if (!PHONE.matches) localStorage.setItem(BAR_KEPT, isOpen ? "closed" : "open");
  focusOn(isOpen ? "#history-toggle" : PHONE.matches ? "#history .toggle-button" : SEARCH);
}, true);
// Ctrl+Shift+O begins a new chat, as it does elsewhere.
document.addEventListener("keydown", (event) => {
  if (event.code !== "KeyO" || !event.shiftKey || !(event.ctrlKey || event.metaKey) || event.repeat) return;
  const button = document.getElementById("new-chat");
  if (!button) return;
  event.preventDefault();
  document.activeElement.blur(); // the box has the focus then
  button.click();
});

// ============================== Arena ==============================
window.arena = {
  // Names Gradio's groups of chips after the text over them: to a screen reader they have no name. Their parts come one after
  // the other.
  nameChips(element) {
    const name = () => document.querySelectorAll("#duel-reasons .chips").forEach((group) => {
      const text = group.querySelector("[data-testid=block-info]")?.textContent.trim();
      if (text) group.setAttribute("aria-label", text);
    });
    new MutationObserver(name).observe(element.closest("#duel-reasons"), { childList: true, subtree: true });
    name();
  },
  // Copies a battle. It returns what its button says then. Where nothing may be copied, the text is selected.
  async copyShared(text) {
    try { await copyText(text); } catch {
      const box = document.querySelector("#share-text textarea");
      box.focus();
      box.select();
      return texts.copy_by_hand;
    }
    return texts.copied;
  },
};

// ============================== Vote ==============================
// 1-4 vote only while the focus is on the vote bar: typed anywhere else they are text.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.isComposing) return;
  if (!/^[1-4]$/.test(event.key) || !event.target.closest(".votes")) return;
  const button = document.getElementById(`vote-${event.key}`);
  if (button && !button.disabled) button.click();
});

// ============================== Leaderboard ==============================
// The address says what the switches say, so that it can be kept and sent; what else it says stays.
window.keepAddress = (chosen) => {
  const query = new URLSearchParams(location.search);
  ["by", "part", "style", "source"].forEach((name) => query.delete(name));
  new URLSearchParams(chosen).forEach((value, name) => query.set(name, value));
  history.replaceState(history.state, "", `${location.pathname}${query.size ? "?" : ""}${query}`);
};
// On a phone the switches are folded.
window.unfoldSwitches = () => {
  const open = document.getElementById("board-switches").classList.toggle("unfolded");
  document.getElementById("board-unfold").setAttribute("aria-expanded", open);
};
// An address that asks for groups, and for none of them alone, shows them all.
window.openGroups = (frames = 20) => requestAnimationFrame(() => {
  const query = new URLSearchParams(location.search);
  if (!query.has("by") || query.has("part")) return;
  const fold = document.querySelector("#board-slices > .label-wrap");
  if (!fold && frames) window.openGroups(frames - 1);
  else if (fold && !fold.classList.contains("open")) fold.click();
});

// ============================== Contender ==============================

// ============================== Your votes ==============================

// ============================== Insights ==============================

// ============================== About ==============================
})();
