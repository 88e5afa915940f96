/* What follows a conversation in Marrow's widget: links, sources, hand-off cards, thumbs, times, what was hidden. Fetched with
   the first conversation; danger, sending and consent do without it. */

const WORDS = {
  closed_now: "Closed now.",
  handoff_contacts: "How to reach a person",
  handoff_call_back: "We can call you back",
  handoff_person_now: "A person is being asked to join",
  leave: "Leave a number",
  noted: "Passed on to the team.",
  source: "Source",
  owner: "Kept by",
  reviewed: "Last checked",
  review: "Check again by",
  state: "State",
  up: "Helpful",
  down: "Not helpful",
  hidden: "Hidden for your privacy: {what}",
  hide_name: "name",
  hide_email: "e-mail address",
  hide_phone: "phone number",
  hide_card: "card number",
  hide_passport: "passport number",
  hide_national_id: "ID number",
  hide_record_number: "record number",
  hide_birth_date: "date of birth",
  hide_address: "address",
  hide_other: "personal detail",
};

const ICONS = {
  mail: "M4 6.5h16v11H4Zm0 .5 8 6 8-6",
  clock: "M12 4a8 8 0 1 0 .01 0ZM12 8v4.3l3 1.7",
  lock: "M7 11V8a5 5 0 0 1 10 0v3M5.5 11h13v9h-13Z",
  thumb: "M7 11v9H4v-9Zm0 0 4-7.5a2 2 0 0 1 2 2V10h5.2a2 2 0 0 1 2 2.4l-1.3 6A2 2 0 0 1 17 20H7",
};

// A bare number can be called when it is long and starts with 0 or 1: no year, range or date.
const LINK = /(https?:\/\/[^\s<>"]*[^\s<>".,;:!?)\]])|([\w.+-]+@[\w-]+(?:\.[\w-]+)+)|(\+\d(?:[ ().-]{0,2}\d){5,14}|\b[01]\d(?:[ ()-]?\d){7,13}\b)/g;
const CHIP = /\[([^[\]\n]{2,40})\]/g;

/** Gives what the chat calls while it shows events; `chat` is the widget's own, with its `kit`. */
export function begin(chat) {
  const { h, button, icon, tel, t, marked, store } = chat.kit;
  Object.assign(chat.kit.WORDS, WORDS);
  Object.assign(chat.kit.ICONS, ICONS);

  const known = (key, other) => t(WORDS[key] ? key : other);

  /** A line of a text: addresses and numbers become links, what stands for something hidden a chip. */
  function words(line, { hidden }) {
    if (hidden) return marked(line, CHIP, ([, what]) => h("span", { class: "chip" }, what));
    return marked(line, LINK, ([whole, web, mail]) => h("a", { href: web || (mail ? `mailto:${mail}` : tel(whole)), ...(web && { target: "_blank", rel: "noopener noreferrer" }) }, whole));
  }

  /** What was taken out of the patient's words before they were kept. */
  const hid = (kinds) => h("p", { class: "hid" }, icon("lock"), h("span", null, t("hidden", { what: [...new Set(kinds.map((kind) => known(`hide_${kind}`, "hide_other")))].join(", ") })));

  /** "now", "5 minutes ago", and the time of day from an hour on. */
  function ago(at) {
    const minutes = Math.round((Date.now() + chat.skew_ms - at) / 60000);
    if (minutes < 1) return chat.relative(0, "second");
    return minutes < 60 ? chat.relative(-minutes, "minute") : at.toLocaleTimeString(chat.locale(), { hour: "numeric", minute: "2-digit" });
  }

  /** Thumbs for what states something; none for greetings, readings and danger. */
  function thumbs({ from, answer, safety, seq, handoff }, row) {
    if (from !== "bot" || safety || handoff || !answer || /^(greet|clarify|goodbye|safety)/.test(answer.label)) return "";
    const given = store.read().rated?.[seq];
    return h("span", { class: "thumbs" }, ["up", "down"].map((value) =>
      button({ class: `thumb ${value}`, "aria-label": t(value), title: t(value), "aria-pressed": `${given === value}`, onclick: () => chat.extra("rate", row, seq, value) }, icon("thumb"))));
  }

  function source(answer) {
    const date = (day) => day && new Date(`${day}T00:00:00Z`).toLocaleDateString(chat.locale(), { dateStyle: "long", timeZone: "UTC" });
    const lines = { source: answer.source, owner: answer.owner, reviewed: date(answer.reviewed_on), review: date(answer.review_by), state: answer.state };
    return h("details", { class: "source" }, h("summary", null, h("span", null, `${t("source")}: `, h("bdi", null, [answer.source, answer.state].filter(Boolean).join(" \u00b7 ")))),
      h("dl", null, Object.entries(lines).map(([key, value]) => value && [h("dt", null, t(key)), h("dd", { dir: "auto" }, value)])));
  }

  function card({ seq, handoff: { kind, phone, email, hours, form, open_now } }) {
    const now = chat.config.open_now ?? open_now;
    const when = now ? chat.reach() || t("open_now") : `${t("closed_now")} ${chat.reach()}`;
    return h("div", { class: "card" }, h("h3", null, known(`handoff_${kind}`, "handoff_contacts")),
      phone && h("a", { href: tel(phone) }, icon("phone"), h("bdi", { dir: "ltr" }, phone)), email && h("a", { href: `mailto:${email}` }, icon("mail"), h("bdi", null, email)),
      (hours || now != null) && h("p", null, icon("clock"), h("span", null, now != null && h("b", { class: now ? "open" : "" }, when.trim()), " ", hours && h("bdi", null, hours))),
      form && (store.read().called?.includes(seq) ? h("p", { class: "done" }, t("noted")) : button({ class: "line", onclick: (event) => chat.extra("contact", seq, event.currentTarget) }, t("leave"))));
  }

  /** What stands in a bubble under its words. */
  const under = (event) => [event.handoff && card(event), event.answer?.source && source(event.answer)].filter(Boolean);

  return { words, hid, ago, thumbs, under };
}
