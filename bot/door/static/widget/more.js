/* What is rarely used in Marrow's widget: the menu with language and text size, the transcript, deleting, a word to a thumb,
   and the call-back form. Fetched when it is wanted. Each function takes the widget's own `chat`, with its `kit`. */

const WORDS = {
  language: "Language",
  english: "The answers are in English for now. This changes the words around them.",
  size: "Text size",
  size_m: "Normal",
  size_l: "Large",
  size_xl: "Very large",
  copy: "Copy this conversation",
  copied: "The conversation was copied.",
  uncopied: "Your browser did not allow copying. You can save it as a file.",
  save: "Save it as a file",
  saved: "The conversation was saved as a file.",
  erase: "Delete my conversation",
  erase_title: "Delete this conversation?",
  erase_text: "Everything in it is erased for good and cannot be brought back.",
  keep: "Keep it",
  erase_now: "Delete",
  thanks: "Thank you.",
  word_up: "What helped? (if you like)",
  word_down: "What was missing or wrong? (if you like)",
  word_send: "Send to the team",
  word_kept: "Thank you. The team will read it.",
  name: "Name",
  optional: "if you like",
  phone: "Phone",
  email: "E-mail",
  email_hint: "instead of a phone, or with it",
  about_what: "What is it about?",
  agree: "The hospital may use these details to contact me about my question.",
  ask_call: "Ask for a call back",
  either: "Please give a phone number or an e-mail address.",
  bad_email: "Please check the e-mail address.",
  bad_phone: "Please check the phone number.",
  tick: "Please tick the box, so that the hospital may contact you.",
};

/** Takes this module's words into the widget's, and gives the kit. */
function kitOf(chat) {
  Object.assign(chat.kit.WORDS, WORDS);
  return chat.kit;
}

const own = (tag) => new Intl.DisplayNames([tag], { type: "language" }).of(tag);

/** Fills the menu; before a conversation it has language and text size only. */
export function fillMenu(chat) {
  const { h, button, t, SIZES } = kitOf(chat);
  const { menu, session } = chat;
  const tags = chat.config.languages?.length ? chat.config.languages : ["en"];
  const [spoken] = (chat.tag || "en").split("-");
  const current = tags.includes(spoken) ? spoken : "en";
  const note = h("p", { id: "english" }, t("english"));
  const language = h("select", { "aria-describedby": "english", onchange: () => change(chat, language.value) },
    tags.map((tag) => h("option", { value: tag, lang: tag, selected: tag === current }, own(tag))));
  const size = h("fieldset", null, h("legend", null, t("size")),
    Object.keys(SIZES).map((key) => button({ class: `size ${key}`, "aria-pressed": `${(chat.size || "m") === key}`, "aria-label": t(`size_${key}`), title: t(`size_${key}`), onclick: () => resize(chat, key) }, h("span", { "aria-hidden": "true" }, "A"))));
  menu.replaceChildren(...[
    session && button({ class: "by", onclick: () => chat.askPerson() }, t("person")),
    h("label", null, t("language"), language), note, size,
    session && button({ onclick: () => copy(chat) }, t("copy")),
    session && button({ onclick: () => save(chat) }, t("save")),
    session && button({ class: "erase", onclick: () => ask(chat) }, t("erase")),
  ].filter(Boolean));
}

/** Nothing is stored before consent: until then a choice is kept in memory. */
function keep(chat, choice) {
  chat.chosen = { ...chat.chosen, ...choice };
  if (chat.session) chat.kit.store.change((data) => Object.assign(data, choice));
}

async function change(chat, language) {
  keep(chat, { language });
  await chat.speak(language);
  chat.build();
  chat.scroll();
  await chat.toggle(true);
  chat.menu.querySelector("select").focus();
}

function resize(chat, size) {
  chat.size = size;
  keep(chat, { size });
  chat.dress();
  chat.fit();
  for (const each of chat.menu.querySelectorAll(".size")) each.setAttribute("aria-pressed", `${each.classList.contains(size)}`);
}

async function transcript(chat) {
  return (await chat.call("/transcript", { accept: "text/plain" })).text();
}

/** Does what needs the door, and says when it did not work. */
async function attempt(chat, step) {
  chat.toggle(false, true);
  try {
    await step();
  } catch (error) {
    if (chat.kit.isOver(error)) chat.end("anew");
    else chat.say(chat.kit.t(navigator.onLine ? "unreached" : "offline"));
  }
}

const copy = (chat) => attempt(chat, async () => {
  const { t } = chat.kit;
  const text = transcript(chat);
  text.catch(() => {}); // heard below
  let copied = false;
  try {
    // Safari wants to be asked while the press is fresh, hence the promise
    await navigator.clipboard.write([new ClipboardItem({ "text/plain": text.then((words) => new Blob([words], { type: "text/plain" })) })]);
    copied = true;
  } catch {
    copied = byHand(chat, await text);
  }
  chat.say(t(copied ? "copied" : "uncopied"));
});

/** The old way, for plain http. */
function byHand(chat, text) {
  const box = chat.kit.h("textarea", { class: "hush", "aria-hidden": "true", tabindex: "-1" });
  box.value = text;
  chat.panel.append(box);
  box.select();
  const copied = document.execCommand("copy");
  box.remove();
  chat.more.focus();
  return copied;
}

const save = (chat) => attempt(chat, async () => {
  const href = URL.createObjectURL(new Blob([await transcript(chat)], { type: "text/plain;charset=utf-8" }));
  const link = chat.kit.h("a", { href, download: `conversation-${new Date().toISOString().slice(0, 10)}.txt`, hidden: true });
  chat.panel.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(href), 60000);
  chat.say(chat.kit.t("saved"));
});

function ask(chat) {
  const { h, button, t } = chat.kit;
  chat.toggle(false, true);
  const erase = () => {
    box.close();
    attempt(chat, async () => {
      await chat.call("", { method: "DELETE" }).catch((error) => {
        if (!chat.kit.isOver(error)) throw error;
      });
      chat.end("deleted");
    });
  };
  const box = h("dialog", { class: "ask", "aria-labelledby": "ask-title", "aria-describedby": "ask-text", onclose: () => box.remove() },
    h("h3", { id: "ask-title" }, t("erase_title")), h("p", { id: "ask-text" }, t("erase_text")),
    h("div", null, button({ class: "line", onclick: () => box.close() }, t("keep")), button({ class: "solid erase", onclick: erase }, t("erase_now"))));
  chat.panel.append(box);
  box.showModal();
}

/** A thumb was pressed: it is kept at once, and a word may follow. */
export async function rate(chat, row, seq, value) {
  const { h, t, store } = kitOf(chat);
  const mark = (given) => row.querySelectorAll(".thumb").forEach((each) => each.setAttribute("aria-pressed", `${each.classList.contains(given)}`));
  const before = store.read().rated?.[seq];
  mark(value);
  row.querySelector(".word")?.remove();
  if (!(await post(chat, "/feedback", { seq, value }))) return mark(before);
  store.change((data) => (data.rated = { ...data.rated, [seq]: value }));
  const word = h("textarea", { rows: 2, maxlength: 2000, dir: "auto" });
  const bad = h("p", { class: "bad", role: "alert" });
  const form = h("form", { class: "word", "aria-label": t("thanks"), "aria-live": "off", onsubmit: async (event) => {
    event.preventDefault();
    const comment = word.value.trim();
    if (comment && !(await post(chat, "/feedback", { seq, value, comment }, bad))) return;
    const done = h("p", { class: "done", tabindex: "-1", "aria-live": "off" }, t(comment ? "word_kept" : "thanks"));
    form.replaceWith(done);
    done.focus();
  } }, h("label", null, t(`word_${value}`), word), bad, h("button", { class: "line" }, t("word_send")));
  row.append(form);
  form.scrollIntoView({ block: "nearest" });
  chat.note.textContent = t("thanks");
}

/** Posts a word or a number; danger in it is answered like danger anywhere. Gives whether it was taken. */
async function post(chat, path, body, bad) {
  const { t, isOver, isRefused } = chat.kit;
  try {
    const { safety } = (await (await chat.call(path, { method: "POST", body })).json()) || {};
    if (safety) chat.warn(safety);
    return true;
  } catch (error) {
    const { safety, detail } = error.problem || {};
    if (isOver(error)) chat.end("anew", safety);
    else {
      if (safety) chat.warn(safety);
      const why = isRefused(error) ? `${t("refused")} ${detail || ""}` : t(navigator.onLine ? "unreached" : "offline");
      if (bad) bad.textContent = why;
      else chat.say(why);
    }
    return false;
  }
}

/** Unfolds the call-back form in the place of its button. */
export function contact(chat, seq, opener) {
  const { h, t, store, zone } = kitOf(chat);
  const field = (name, label, hint, more) =>
    h("label", null, h("span", null, label, hint && h("small", null, ` (${hint})`)), h(name === "note" ? "textarea" : "input", { name, dir: "auto", autocomplete: name === "phone" ? "tel" : name, ...more }));
  const bad = h("p", { class: "bad", role: "alert" });
  const go = h("button", { class: "solid" }, t("ask_call"));
  const form = h("form", { novalidate: true, "aria-live": "off", "aria-label": t("handoff_call_back") },
    field("name", t("name"), t("optional"), { maxlength: 200 }), field("phone", t("phone"), "", { type: "tel", maxlength: 40 }),
    field("email", t("email"), t("email_hint"), { type: "email", maxlength: 254 }), field("note", t("about_what"), t("optional"), { rows: 2, maxlength: 1000, autocomplete: "off" }),
    h("label", { class: "check" }, h("input", { type: "checkbox", name: "consent" }), h("span", null, t("agree"))), bad, go);
  const refuse = (name, key) => {
    bad.textContent = t(key);
    form.elements[name].focus();
  };
  form.onsubmit = async (event) => {
    event.preventDefault();
    const given = Object.fromEntries([...new FormData(form)].filter(([, value]) => value.trim()));
    if (!given.phone && !given.email) return refuse("phone", "either");
    if (given.phone && !/^\D*(\d\D*){5,20}$/.test(given.phone)) return refuse("phone", "bad_phone");
    if (given.email && !form.elements.email.checkValidity()) return refuse("email", "bad_email");
    if (!given.consent) return refuse("consent", "tick");
    go.disabled = true;
    bad.textContent = "";
    const taken = await post(chat, "/contact", { ...given, consent: true, time_zone: zone() }, bad);
    go.disabled = false;
    if (!taken) return;
    store.change((data) => (data.called = [...(data.called || []), seq]));
    const done = h("p", { class: "done", tabindex: "-1", "aria-live": "off" }, t("noted"));
    form.replaceWith(done);
    done.focus();
  };
  opener.replaceWith(form);
  form.elements.name.focus();
}
