/* Marrow's chat widget, see docs/widget.md. Longer than 300 lines because a page includes one script and nothing builds it
   from several. Kept throughout: nothing stored before consent; data becomes text nodes only; no inline style. */
(() => {
  "use strict";
  if (customElements.get("marrow-chat")) return;

  const script = document.currentScript || document.querySelector('script[src*="widget.js"]');
  const DOOR = new URL(".", script.src).href;
  const KEY = `marrow:${DOOR}`;
  const PHONE = matchMedia("(max-width: 35em), (max-height: 30em)");
  const [ECHO_MS, SILENCE_MS, POLL_MS, DEAF_MS, LONGEST_WAIT_MS] = [2500, 25000, 2000, 60000, 30000];

  const WORDS = {
    launcher: "Ask a question",
    sub: "A program. Answers written by people.",
    mine: "You",
    team: "Hospital team",
    hello: "Hello. Before we start",
    consent: [
      "I am Marrow, a program. I answer questions about CAR-T cell therapy and blood, marrow and cord-blood transplants. People wrote every answer.",
      "I cannot examine anyone or judge symptoms. If it may be urgent, call your hospital or the emergency number now.",
    ],
    unreached: "That did not work just now. Please try again in a minute.",
    kept: (name) => `What you write here is kept by ${name}, so that you can come back to it. You can delete it at any time in the menu. Please leave out ID numbers.`,
    anew: "Your earlier conversation has ended. You can start a new one; what you had not sent is kept.",
    deleted: "Your conversation was deleted.",
    offline: "You are offline. What you write is kept here and sent when you are back.",
    lost: "The connection was lost. Trying again\u2026",
    busy: "Marrow cannot take messages just now. Yours is kept and will be sent.",
    fast: (s) => `That was many messages at once. Yours is kept and goes out in ${s} second${s === 1 ? "" : "s"}.`,
    long: "This message is too long, so it was not sent. Please shorten it.",
    refused: "This was not taken.",
    changed: "This button no longer works. Please type your question.",
    left: (n) => (n < 0 ? `Too long by ${-n}` : `${n} characters left`),
    person: "I want to talk to a person",
    handoff: { contacts: "How to reach a person", call_back: "We can call you back", person_now: "A person is being asked to join" },
    danger: { emergency: "This may be urgent", self_harm: "Please talk to someone now" },
    agree: "The hospital may use these details to contact me about my question.",
    noted: "Passed on to the team.",
    either: "Please give a phone number or an e-mail address.",
    erase: "Everything in it is erased for good and cannot be brought back.",
  };

  const ICONS = {
    mark: "M12 3a9 9 0 0 0-7.7 13.6L3 21l4.6-1.2A9 9 0 1 0 12 3Z M9.4 9.6a1.6 1.6 0 1 0 .01 0Z M14.9 8.7a.9.9 0 1 0 .01 0Z M13.6 12.7a2.1 2.1 0 1 0 .01 0Z",
    close: "m6 6 12 12M18 6 6 18",
    menu: "M12 5.5v.01M12 12v.01M12 18.5v.01",
    send: "M12 19V5m0 0-6 6m6-6 6 6",
    phone: "M6.5 4h3l1.5 4-2 1.5a11 11 0 0 0 5.5 5.5l1.5-2 4 1.5v3a1.5 1.5 0 0 1-1.7 1.5A16 16 0 0 1 5 5.7 1.5 1.5 0 0 1 6.5 4Z",
    mail: "M4 6.5h16v11H4Zm0 .5 8 6 8-6",
    clock: "M12 4a8 8 0 1 0 .01 0ZM12 8v4.3l3 1.7",
    alert: "M12 4 2.8 19.5h18.4Zm0 6v4.5m0 2.5v.01",
  };

  function h(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else if (value != null && value !== false) node.setAttribute(name, value === true ? "" : value);
    }
    node.append(...children.flat(3).filter((child) => child != null && child !== false && child !== ""));
    return node;
  }

  const button = (attributes, ...children) => h("button", { type: "button", ...attributes }, ...children);

  function icon(name) {
    const [svg, path] = ["svg", "path"].map((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag));
    for (const [key, value] of Object.entries({ viewBox: "0 0 24 24", class: `icon ${name}-icon`, "aria-hidden": "true" })) svg.setAttribute(key, value);
    path.setAttribute("d", ICONS[name]);
    svg.append(path);
    return svg;
  }

  // A bare number can be called when it is long and starts with 0 or 1 (no year, range or date); in a danger text from
  // three digits on.
  const LINK = /(https?:\/\/[^\s<>"]*[^\s<>".,;:!?)\]])|([\w.+-]+@[\w-]+(?:\.[\w-]+)+)|(\+\d(?:[ ().-]{0,2}\d){5,14}|\b[01]\d(?:[ ()-]?\d){7,13}\b)/g;
  const CALL = /(?:\+|\b)\d(?:[ ()-]{0,2}\d){2,14}\b/g;

  const tel = (number) => `tel:${number.replace(/[^\d+]/g, "")}`;

  const calls = (text = "", label = "Call") => h("div", { class: "calls" }, [...new Set(text.match(CALL))].map((each) => h("a", { href: tel(each) }, icon("phone"), `${label} ${each}`)));

  function linked(text, pattern) {
    const parts = [];
    let at = 0;
    for (const match of text.matchAll(pattern)) {
      const [whole, web, mail] = match;
      const href = pattern === CALL ? tel(whole) : web || (mail ? `mailto:${mail}` : tel(whole));
      parts.push(text.slice(at, match.index), h("a", { href, ...(web && pattern === LINK && { target: "_blank", rel: "noopener noreferrer" }) }, whole));
      at = match.index + whole.length;
    }
    return [...parts, text.slice(at)];
  }

  function prose(text, pattern) {
    const blocks = h("div", { class: "text", dir: "auto" });
    for (const line of text.split(/\n+/).filter((each) => each.trim())) {
      const item = /^\s*[-\u2022*]\s+(.*)/.exec(line);
      if (!item) blocks.append(h("p", null, linked(line, pattern)));
      else {
        if (blocks.lastChild?.tagName !== "UL") blocks.append(h("ul"));
        blocks.lastChild.append(h("li", null, linked(item[1], pattern)));
      }
    }
    return blocks;
  }

  // What this browser keeps, in memory where it refuses. Read before each change: two tabs must not undo each other's.
  let memory = {};
  const store = {
    read() {
      try {
        return JSON.parse(localStorage.getItem(KEY)) || memory;
      } catch {
        return memory;
      }
    },
    change(edit) {
      const data = store.read();
      edit(data);
      memory = {};
      try {
        localStorage.setItem(KEY, JSON.stringify(data));
      } catch {
        memory = data;
      }
    },
    clear() {
      memory = {};
      try {
        localStorage.removeItem(KEY);
      } catch {} // nothing was kept
    },
  };

  /** Calls the patient API; throws an Error with `status`, `problem` (RFC 9457) and `retry_ms`. */
  async function call(path, { token, signal, accept = "application/json", method = "GET", body } = {}) {
    const headers = { Accept: accept };
    if (token) headers.Authorization = `Bearer ${token}`;
    if (body) headers["Content-Type"] = "application/json";
    const response = await fetch(`${DOOR}api/v1/${path}`, {
      method,
      headers,
      body: body && JSON.stringify(body),
      credentials: "omit",
      cache: "no-store",
      signal: signal || AbortSignal.timeout(15000),
    });
    if (response.ok) return response;
    const problem = await response.json().catch(() => ({}));
    throw Object.assign(new Error(problem.title), { status: response.status, problem, retry_ms: 1000 * (Number(response.headers.get("Retry-After")) || 0) });
  }

  const isOver = ({ status }) => status === 401 || status === 404;
  const isRefused = ({ status }) => status >= 400 && status < 500 && status !== 408 && status !== 429;

  class MarrowChat extends HTMLElement {
    #root = this.attachShadow({ mode: "open" });
    #own = new CSSStyleSheet();
    #config = {};
    #session = null;
    #draft = "";
    #bubbles = new Map(); // pending, by client_id
    #last = 0; // highest seq shown
    #expected = 0; // highest seq acknowledged
    #sent_at = 0;
    #deaf_until = 0;
    #unread = 0;
    #sending = false;
    #wakers = new Set();

    connectedCallback() {
      if (this.#root.firstChild) return;
      this.hidden = true; // until it is dressed: no flash of a bare button
      this.#dress();
      const { language, greeting } = this.dataset;
      if (language) this.lang = language;
      if (/^(ar|fa|he|ur)\b/.test(language)) this.dir = "rtl";
      this.launcher = button({ class: "launcher", "aria-haspopup": "dialog", onclick: () => this.open() },
        icon("mark"), h("span", null, greeting || WORDS.launcher), (this.badge = h("span", { class: "unread", hidden: true })));
      this.#root.append(this.launcher);
      this.#style();
    }

    /** Fetches the styles for as long as it takes. */
    async #style(wait_ms = 1000) {
      try {
        const sheets = await Promise.all(["tokens.css", "widget.css"].map(async (name) => {
          const response = await fetch(DOOR + name, { credentials: "omit" });
          if (!response.ok) throw new Error(`${name}: HTTP ${response.status}`);
          return new CSSStyleSheet().replace(await response.text());
        }));
        this.#root.adoptedStyleSheets = [...sheets, this.#own];
      } catch {
        await this.#pause(wait_ms);
        return this.#style(Math.min(2 * wait_ms, LONGEST_WAIT_MS));
      }
      this.hidden = false;
      this.#awake();
    }

    /** Opens the panel; `question` is put into the text box, not sent. */
    open(question, { focus = true } = {}) {
      if (!this.panel) this.#build();
      if (typeof question === "string" && question) this.#setDraft(question);
      if (!this.panel.open) {
        this.opener = document.activeElement;
        this.#unfold();
        this.launcher.hidden = this.badge.hidden = true;
        this.#unread = 0;
        this.launcher.removeAttribute("aria-label");
        document.adoptedStyleSheets = [...document.adoptedStyleSheets, LOCK];
        this.#fit();
        this.#configure();
        if (this.#session) {
          store.change((data) => (data.open = true));
          this.#listen();
          this.#scroll();
        }
      }
      if (focus) this.#rest();
    }

    #unfold() {
      if (PHONE.matches) this.panel.showModal();
      else this.panel.open = true; // show() would take the focus
    }

    close() {
      this.panel?.close();
    }

    #closed() {
      if (this.panel.open) return; // sheet became panel, or back
      this.launcher.hidden = false;
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter((each) => each !== LOCK);
      if (this.#session) store.change((data) => (data.open = false));
      const { opener } = this;
      (!opener || opener === this || opener === document.body ? this.launcher : opener).focus();
    }

    /** Focuses what comes next; on a touch screen not the box, whose keyboard would hide the text. */
    #rest() {
      (!this.#session ? this.start : matchMedia("(pointer: coarse)").matches ? this.log : this.box).focus();
    }

    /** Takes up a known conversation. */
    #awake() {
      const { id, token, queue = [], open, draft = "" } = store.read();
      if (id) {
        this.#session = { id, token };
        this.#draft = draft;
        if (queue.length) {
          this.#build();
          this.#listen();
        }
      }
      const wanted = this.dataset.open;
      if ((wanted != null && wanted !== "false") || (open && id && !PHONE.matches)) this.open("", { focus: false });
      addEventListener("online", () => this.#wake());
      addEventListener("offline", () => this.#say(WORDS.offline));
      addEventListener("storage", (event) => {
        const data = store.read(); // of another tab
        if (event.key !== KEY || data.id === this.#session?.id) return;
        if (data.id) this.#begin(data);
        else this.#end(WORDS.deleted);
      });
      PHONE.addEventListener("change", () => {
        if (!this.panel?.open) return;
        this.panel.close();
        this.#unfold();
      });
      for (const kind of ["resize", "scroll"]) globalThis.visualViewport?.addEventListener(kind, () => this.#fit());
    }

    #dress(size = "") {
      const [, hex] = /^#([\da-f]{6})$/i.exec(this.dataset.accent || "") || [];
      let accent = "";
      if (hex) {
        const [r, g, b] = [0, 2, 4].map((at) => (parseInt(hex.slice(at, at + 2), 16) / 255) ** 2.2);
        const on = 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.18 ? "#000" : "#fff";
        accent = `--m-fill:#${hex};--m-fill-hover:color-mix(in srgb,#${hex} 88%,${on === "#000" ? "#fff" : "#000"});--m-on-fill:${on};`;
      }
      this.#own.replaceSync(`:host{${accent}${size}}`);
    }

    /** Keeps the phone sheet above the on-screen keyboard. */
    #fit() {
      const view = globalThis.visualViewport;
      if (view && this.panel?.open && PHONE.matches && view.scale === 1) this.#dress(`--high:${view.height}px;--top:${view.offsetTop}px`);
    }

    #build() {
      const tool = (name, label, onclick, more) => button({ class: "tool", "aria-label": label, title: label, onclick, ...more }, icon(name));
      this.menu = h("div", { class: "menu", hidden: true },
        button({ onclick: () => this.#person() }, "Talk to a person"),
        button({ class: "erase", onclick: () => this.#ask() }, "Delete my conversation"));
      this.more = tool("menu", "Menu", () => this.#toggle(), { "aria-expanded": "false" });
      this.panel = h("dialog", { class: "panel", "aria-labelledby": "title", "aria-describedby": "sub", onclose: (event) => event.target === this.panel && this.#closed() },
        h("header", null, h("span", { class: "badge" }, icon("mark")),
          h("div", null, h("h2", { id: "title" }, "Marrow"), h("p", { id: "sub" }, WORDS.sub)),
          this.more, tool("close", "Close", () => this.close()), this.menu, (this.alarm = h("div", { class: "hush", role: "alert" }))));
      this.panel.onkeydown = (event) => {
        if (event.key !== "Escape" || event.defaultPrevented || event.target.closest(".ask")) return;
        event.preventDefault();
        if (this.menu.hidden) this.close();
        else this.#toggle(false, true);
      };
      this.panel.onclick = (event) => {
        if (!this.menu.hidden && !this.more.contains(event.target)) this.#toggle(false);
      };
      this.#root.append(this.panel);
      if (this.#session) this.#chat();
      else this.#consent();
    }

    #show(...nodes) {
      while (this.panel.children.length > 1) this.panel.lastChild.remove();
      this.panel.append(...nodes);
    }

    #consent(notice = "", safety) {
      this.more.hidden = true;
      this.state = h("p", { class: "state", role: "status" }, notice);
      this.start = button({ class: "solid", onclick: () => this.#agree() }, "Start");
      this.kept = h("p", { class: "kept" });
      this.instead = h("p", { class: "kept" });
      this.calls = h("div");
      this.#show(h("section", { class: "consent", tabindex: "0", "aria-label": WORDS.hello }, safety && h("ol", null, this.#warning(safety)), this.state, h("h3", null, WORDS.hello),
        h("p", null, WORDS.consent[0]), h("div", { class: "urgent" }, h("p", null, WORDS.consent[1]), this.calls), this.kept, this.start, this.instead));
      this.#fill();
    }

    #fill() {
      const { hospital_name: name, contact_phone: phone, urgent_phone, emergency_number } = this.#config;
      if (!this.kept) return;
      this.calls.replaceChildren(calls(emergency_number, "Emergency:"), calls(urgent_phone, "24 hours:"));
      this.kept.textContent = WORDS.kept(name || "the hospital");
      this.instead.replaceChildren(...(phone ? ["You would rather talk to a person? Call ", h("a", { href: tel(phone) }, phone), "."] : []));
    }

    #chat() {
      this.more.hidden = false;
      this.list = h("ol");
      this.dots = h("div", { class: "typing", "aria-hidden": "true", hidden: true }, h("i"), h("i"), h("i"));
      this.log = h("div", { class: "log", role: "log", "aria-label": "Conversation", tabindex: "0" }, this.list, this.dots);
      this.state = h("p", { class: "state", role: "status" });
      this.count = h("p", { class: "count", id: "count" });
      this.box = h("textarea", { rows: "1", placeholder: "Write your question", enterkeyhint: "send", "aria-label": "Your question", "aria-describedby": "count", autocomplete: "off",
        oninput: () => this.#setDraft(this.box.value),
        onkeydown: (event) => {
          // an Enter that ends a composition (Chinese, Japanese) only chooses a word
          if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
          event.preventDefault();
          this.#submit();
        } });
      this.go = button({ class: "solid", "aria-label": "Send", title: "Send", onclick: () => this.#submit() }, icon("send"));
      this.#show(this.log, h("footer", null, this.state, h("div", { class: "write" }, h("label", null, this.box), this.go), this.count));
      this.#setDraft(this.#draft);
      for (const item of store.read().queue || []) this.#pend(item);
    }

    #toggle(show = this.menu.hidden, focus) {
      this.menu.hidden = !show;
      this.more.setAttribute("aria-expanded", show);
      if (show) this.menu.firstChild.focus();
      else if (focus) this.more.focus();
    }

    #say(text) {
      if (this.state && this.state.textContent !== text) this.state.textContent = text;
    }

    #setDraft(text) {
      this.#draft = text;
      if (!this.#session || !this.box) return;
      if (this.box.value !== text) this.box.value = text;
      if ((store.read().draft || "") !== text) store.change((data) => (data.draft = text));
      this.box.rows = Math.min(6, text.split("\n").length);
      const left = (this.#config.message_max_characters || 2000) - [...text.trim()].length;
      this.count.textContent = left <= 200 ? WORDS.left(left) : "";
      this.count.classList.toggle("bad", left < 0);
      this.count.ariaLive = left < 20 ? "polite" : "off"; // not at every letter
      this.go.disabled = left < 0 || !text.trim();
    }

    #ask() {
      const box = h("dialog", { class: "ask", "aria-labelledby": "ask-title", "aria-describedby": "ask-text", onclose: () => box.remove() },
        h("h3", { id: "ask-title" }, "Delete this conversation?"), h("p", { id: "ask-text" }, WORDS.erase),
        h("div", null, button({ class: "line", onclick: () => box.close() }, "Keep it"),
          button({ class: "solid erase", onclick: () => { box.close(); this.#erase(); } }, "Delete")));
      this.panel.append(box);
      box.showModal();
    }

    /** Shows an event, once; the patient's own already has its bubble. */
    #event(event, live) {
      if (event.seq <= this.#last) return;
      this.#last = event.seq;
      const mine = event.from === "patient";
      const danger = WORDS.danger[event.safety];
      const row = (mine && this.#bubbles.get(event.client_id)) || this.#row(event);
      const warned = this.list.querySelector(`[data-seq="${event.reply_to}"]`)?.warned;
      warned?.remove();
      if (mine) {
        this.#bubbles.delete(event.client_id);
        this.#dequeue(event.client_id);
        row.classList.remove("pending", "failed");
        this.mine = row;
      } else if (event.from !== "system") {
        this.staffed = event.from === "staff"; // no dots that promise a person at once
        this.#typing(false);
      }
      const at = new Date(event.at);
      row.dataset.seq = event.seq;
      row.querySelector(".meta").replaceChildren(h("time", { datetime: event.at }, at.toLocaleTimeString(this.lang || undefined, { hour: "numeric", minute: "2-digit" })));
      const before = this.list.querySelector(".pending");
      const day = at.toDateString();
      if (day !== this.day) this.list.insertBefore(h("li", { class: "day", "aria-live": "off" }, this.#dayName(at)), before);
      this.day = day;
      const { previous } = this;
      if (previous?.dataset.kind === row.dataset.kind && at - previous.at < 60000 && !danger) {
        row.classList.add("joined");
        previous.querySelector(".meta").hidden = true;
      }
      row.at = at;
      this.previous = row;
      this.list.insertBefore(row, before);
      if (!live) return;
      if (!mine) row.classList.add("live");
      if (danger && !warned) this.#alert(event);
      if (!this.panel.open && !mine) {
        this.badge.textContent = ++this.#unread;
        this.badge.hidden = false;
        this.launcher.setAttribute("aria-label", `${this.launcher.children[1].textContent} (${this.#unread} new)`);
      }
      this.#scroll(event.reply_to && !event.safety ? this.mine : row);
    }

    /** Speaks at once; the card is silent. */
    #alert({ safety, text }) {
      this.alarm.textContent = `${WORDS.danger[safety]}. ${text}`;
      setTimeout(() => (this.alarm.textContent = ""), 20000);
    }

    /** The card for refused words. */
    #warning({ verdict: safety, text }) {
      this.#alert({ safety, text });
      return this.#row({ from: "bot", safety, text });
    }

    #dayName(at) {
      const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / 864e5);
      const name = days < 2 ? new Intl.RelativeTimeFormat(this.lang || undefined, { numeric: "auto" }).format(-days, "day") : at.toLocaleDateString(this.lang || undefined, { dateStyle: "long" });
      return name[0].toUpperCase() + name.slice(1);
    }

    /** Shows the end, but keeps the top of a long answer, or its question, in sight. */
    #scroll(row) {
      if (!this.log) return;
      const end = this.log.scrollHeight - this.log.clientHeight;
      this.log.scrollTop = row ? Math.min(end, row.offsetTop - 12) : end;
    }

    #row(event) {
      const { from, text, answer, buttons = [], handoff, safety } = event;
      const alarm = WORDS.danger[safety];
      const name = from === "staff" && (event.name || WORDS.team);
      const row = h("li", { class: `row ${from} ${alarm ? "danger " : ""}${safety || ""}`, lang: event.language, "data-kind": from + (name || ""), "aria-live": alarm || from === "patient" ? "off" : null },
        name ? h("p", { class: "who" }, name) : h("span", { class: "hush" }, `${from === "patient" ? WORDS.mine : "Marrow"}: `));
      const bubble = h("div", { class: "bubble" }, alarm && h("h3", null, icon(safety === "self_harm" ? "phone" : "alert"), alarm), prose(text, alarm || safety === "check" ? CALL : LINK), alarm && calls(text));
      if (handoff) bubble.append(this.#card(event));
      if (answer?.source) bubble.append(this.#source(answer));
      row.append(bubble, h("p", { class: "meta" }));
      if (buttons?.length) {
        row.append(h("div", { class: `choices${answer?.label === "clarify" || buttons.length > 4 ? " list" : ""}` },
          buttons.map(({ label, choice }) => button({ dir: "auto", onclick: () => this.#send({ choice, label }) }, label))));
      }
      return row;
    }

    #source(answer) {
      const date = (day) => day && new Date(`${day}T00:00:00Z`).toLocaleDateString(this.lang || undefined, { dateStyle: "long", timeZone: "UTC" });
      const lines = { Source: answer.source, "Kept by": answer.owner, "Last checked": date(answer.reviewed_on), "Check again by": date(answer.review_by), State: answer.state };
      return h("details", { class: "source" }, h("summary", null, h("span", null, `Source: ${answer.source}${answer.state ? ` \u00b7 ${answer.state}` : ""}`)),
        h("dl", null, Object.entries(lines).map(([key, value]) => value && [h("dt", null, key), h("dd", null, value)])));
    }

    #card({ seq, handoff }) {
      const { kind, phone, email, hours, open_now: now, form } = handoff;
      const card = h("div", { class: "card" }, h("h3", null, WORDS.handoff[kind] || WORDS.handoff.contacts),
        phone && h("a", { href: tel(phone) }, icon("phone"), phone), email && h("a", { href: `mailto:${email}` }, icon("mail"), email),
        hours && h("p", null, icon("clock"), h("span", null, now != null && h("span", { class: now ? "open" : "" }, now ? "Open now." : "Closed now."), ` ${hours}`)));
      if (form) card.append(store.read().called?.includes(seq) ? h("p", { class: "done" }, WORDS.noted) : this.#form(seq));
      return card;
    }

    #form(seq) {
      const field = (name, label, hint, more) =>
        h("label", null, h("span", null, label, hint && h("small", null, ` (${hint})`)), h(name === "note" ? "textarea" : "input", { name, autocomplete: name === "phone" ? "tel" : name, ...more }));
      const bad = h("p", { class: "bad", role: "alert" });
      const go = h("button", { class: "solid" }, "Ask for a call back");
      const form = h("form", { novalidate: true, "aria-label": WORDS.handoff.call_back },
        field("name", "Name", "if you like", { maxlength: 200 }), field("phone", "Phone", "", { type: "tel", maxlength: 40 }),
        field("email", "E-mail", "instead of a phone, or with it", { type: "email", maxlength: 254 }), field("note", "What is it about?", "if you like", { rows: 2, maxlength: 1000, autocomplete: "off" }),
        h("label", { class: "check" }, h("input", { type: "checkbox", name: "consent" }), h("span", null, WORDS.agree)), bad, go);
      const refuse = (name, text) => {
        bad.textContent = text;
        form.elements[name]?.focus();
      };
      form.onsubmit = async (event) => {
        event.preventDefault();
        const given = Object.fromEntries([...new FormData(form)].filter(([, value]) => value.trim()));
        if (!given.phone && !given.email) return refuse("phone", WORDS.either);
        if (given.email && !form.elements.email.checkValidity()) return refuse("email", "Please check the e-mail address.");
        if (!given.consent) return refuse("consent", "Please tick the box, so that the hospital may contact you.");
        go.disabled = true;
        bad.textContent = "";
        try {
          await this.#call("/contact", { method: "POST", body: { ...given, consent: true, time_zone: zone() } });
          store.change((data) => (data.called = [...(data.called || []), seq]));
          const done = h("p", { class: "done", tabindex: "-1" }, WORDS.noted);
          form.replaceWith(done);
          done.focus();
        } catch (error) {
          go.disabled = false;
          if (isOver(error)) this.#end(WORDS.anew);
          else refuse("phone", isRefused(error) ? `${WORDS.refused} ${error.problem.detail || ""}` : WORDS.unreached);
        }
      };
      return form;
    }

    #typing(on) {
      if (!this.dots) return;
      clearTimeout(this.dots_off);
      this.dots.hidden = !on;
      if (!on) return;
      this.dots_off = setTimeout(() => this.#typing(false), DEAF_MS);
      this.#scroll(this.mine);
    }

    #call(path, options) {
      return call(`conversations/${this.#session.id}${path}`, { token: this.#session.token, ...options });
    }

    async #configure() {
      try {
        this.#config = this.#config.hospital_name ? this.#config : await (await call("config")).json();
      } catch {
        return; // the generic words stay
      }
      this.#fill();
      this.#setDraft(this.#draft);
    }

    /** Start was pressed: only now is anything stored, here or there. */
    async #agree() {
      this.start.disabled = true;
      this.#say("");
      const { language, startQuestions = "" } = this.dataset;
      try {
        const { conversation: id, token } = await (await call("conversations", { method: "POST", body: { consent: true, time_zone: zone(), ...(language && { language }) } })).json();
        store.change((data) => Object.assign(data, { id, token, open: true, draft: this.#draft }));
      } catch (error) {
        this.start.disabled = false;
        return this.#say(WORDS.unreached);
      }
      this.#begin(store.read(), true);
      const questions = startQuestions.split("|").filter((each) => each.trim());
      if (questions.length) this.log.append(h("div", { class: "choices starters" }, questions.map((text) => button({ onclick: () => this.#send({ text: text.trim() }) }, text.trim()))));
      this.#rest();
    }

    #begin({ id, token }, fresh) {
      this.#session = { id, token };
      this.#last = this.#expected = 0;
      this.day = this.previous = this.mine = null;
      this.#bubbles.clear();
      if (!this.panel) return;
      this.#chat();
      this.#listen(fresh);
    }

    /** Back to the first screen; what was not sent becomes the draft. */
    #end(notice, safety) {
      const unsent = (store.read().queue || []).map((item) => item.text).filter(Boolean);
      this.#session = null;
      store.clear();
      this.#draft = notice === WORDS.anew ? [...unsent, this.#draft].filter(Boolean).join("\n") : "";
      this.#bubbles.clear();
      this.#wake();
      if (!this.panel) return;
      this.#typing(false);
      this.#consent(notice, safety);
      if (this.panel.open) this.start.focus({ preventScroll: true });
    }

    async #erase() {
      try {
        await this.#call("", { method: "DELETE" });
      } catch (error) {
        if (!isOver(error)) return this.#say(WORDS.unreached);
      }
      this.#end(WORDS.deleted);
    }

    #person() {
      this.#toggle(false);
      this.#send({ text: WORDS.person });
      this.#rest();
    }

    #submit() {
      if (this.go.disabled) return;
      this.#send({ text: this.#draft.trim() });
      this.#setDraft("");
    }

    #send(what) {
      const item = { client_id: uuid(), ...what };
      store.change((data) => (data.queue = [...(data.queue || []), item]));
      this.mine = this.#pend(item);
      this.#scroll();
      this.#flush();
    }

    #pend(item) {
      this.log.querySelector(".starters")?.remove();
      const row = this.#row({ from: "patient", text: item.label || item.text });
      row.classList.add("pending");
      row.querySelector(".meta").textContent = navigator.onLine ? "Sending\u2026" : "Waiting to be sent";
      this.#bubbles.set(item.client_id, row);
      this.list.append(row);
      return row;
    }

    #dequeue(client_id) {
      if ((store.read().queue || []).some((item) => item.client_id === client_id)) {
        store.change((data) => (data.queue = data.queue.filter((item) => item.client_id !== client_id)));
      }
    }

    /** Sends the queue in order, each under its own client_id, until the door has or refuses it. */
    async #flush() {
      if (this.#sending || !this.#session) return;
      this.#sending = true;
      const { id } = this.#session;
      let wait_ms = 1000;
      for (let item; this.#session?.id === id && (item = store.read().queue?.[0]); ) {
        const { label, ...body } = item;
        try {
          const { seq } = await (await this.#call("/messages", { method: "POST", body })).json();
          this.#dequeue(item.client_id);
          this.#expected = Math.max(this.#expected, seq);
          this.#sent_at = Date.now();
          wait_ms = 1000;
          this.#say("");
          if (seq >= this.#last && !this.staffed) this.#typing(true);
        } catch (error) {
          if (this.#session?.id !== id) break;
          const { safety } = error.problem || {};
          if (isOver(error)) {
            this.#end(WORDS.anew, safety);
            break;
          }
          const row = this.#bubbles.get(item.client_id);
          if (safety && row && !row.warned) {
            row.after((row.warned = this.#warning(safety)));
            setTimeout(() => this.#scroll(row.warned)); // after the notice
          }
          if (isRefused(error)) {
            this.#refuse(item, error);
            continue;
          }
          const pause_ms = error.retry_ms || wait_ms;
          this.#say(error.status === 429 ? WORDS.fast(Math.ceil(pause_ms / 1000)) : error.status ? WORDS.busy : navigator.onLine ? WORDS.lost : WORDS.offline);
          await this.#pause(pause_ms);
          wait_ms = Math.min(2 * wait_ms, LONGEST_WAIT_MS);
        }
      }
      this.#sending = false;
    }

    #refuse(item, { status, problem }) {
      this.#dequeue(item.client_id);
      const row = this.#bubbles.get(item.client_id);
      this.#bubbles.delete(item.client_id);
      const why = status === 413 ? WORDS.long : item.choice ? WORDS.changed : `${WORDS.refused} ${problem.detail || ""}`;
      this.#say(why);
      if (!row) return;
      row.classList.replace("pending", "failed");
      row.querySelector(".meta").replaceChildren(why, item.text ? button({ onclick: () => { row.remove(); this.#say(""); this.#setDraft(item.text); this.box.focus(); } }, "Edit") : "");
    }

    #pause(ms) {
      return new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer);
          this.#wakers.delete(done);
          resolve();
        };
        const timer = setTimeout(done, ms);
        this.#wakers.add(done);
      });
    }

    #wake() {
      this.#say("");
      for (const done of [...this.#wakers]) done();
    }

    /** Stays up to date: what was missed as a list, then the stream, and again. */
    async #listen(fresh) {
      const { id } = this.#session;
      if (this.listening === id) return;
      this.listening = id;
      let wait_ms = 1000;
      let lost = false;
      for (let first = !fresh; this.#session?.id === id; first = false) {
        try {
          await this.#catchUp(id, first);
          if (lost) this.#wake();
          lost = false;
          this.#flush();
          if (Date.now() < this.#deaf_until) await this.#pause(document.hidden ? 5 * POLL_MS : POLL_MS);
          else if (await this.#stream(id)) wait_ms = 1000;
          else await this.#pause(wait_ms);
        } catch (error) {
          if (this.#session?.id !== id) break;
          if (isOver(error)) {
            if (store.read().queue?.length) this.#flush(); // hears it too
            else this.#end(WORDS.anew);
            break;
          }
          lost = true;
          this.#say(navigator.onLine ? WORDS.lost : WORDS.offline);
          await this.#pause(error.retry_ms || wait_ms * (0.75 + Math.random() / 2));
          wait_ms = Math.min(2 * wait_ms, LONGEST_WAIT_MS);
        }
      }
      if (this.listening === id) this.listening = null;
    }

    async #catchUp(id, history) {
      const found = await (await this.#call(`/events?after=${this.#last}`)).json();
      if (this.#session?.id !== id) return;
      if (history) this.log.setAttribute("aria-live", "off"); // history is not read out
      for (const event of found.events ?? found) this.#event(event, !history);
      if (history) {
        this.#scroll();
        setTimeout(() => this.log.setAttribute("aria-live", "polite"), 500);
      }
    }

    /** Reads the stream until it ends; one that a proxy swallows leads to polling. */
    async #stream(id) {
      const control = new AbortController();
      const opened_at = Date.now();
      let heard_at = 0;
      const watch = setInterval(() => {
        const now = Date.now();
        const missing = this.#expected > this.#last && now - this.#sent_at > ECHO_MS && now - opened_at > ECHO_MS;
        if (this.#session?.id !== id) control.abort();
        else if (missing || now - (heard_at || opened_at) > SILENCE_MS) {
          this.#deaf_until = now + DEAF_MS;
          control.abort();
        }
      }, 500);
      try {
        const response = await this.#call(`/events?after=${this.#last}`, { accept: "text/event-stream", signal: control.signal });
        const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
        for (let rest = ""; ; ) {
          const { value, done } = await reader.read();
          if (done || this.#session?.id !== id) break;
          heard_at = Date.now();
          const blocks = (rest + value).split(/\r\n\r\n|\n\n|\r\r/);
          rest = blocks.pop();
          for (const block of blocks) this.#heard(block);
        }
      } catch (error) {
        if (isOver(error)) throw error;
      } finally {
        clearInterval(watch);
        control.abort();
      }
      if (!heard_at) this.#deaf_until = Date.now() + DEAF_MS;
      return Date.now() - opened_at > 5000 || this.#deaf_until > Date.now();
    }

    #heard(block) {
      const [, data] = /^data: ?(.+)/m.exec(block) || [];
      if (!data) return; // a sign of life
      const event = JSON.parse(data);
      if (/^event: ?typing/m.test(block)) this.#typing(event.on);
      else if (/^event: ?notice/m.test(block)) this.#say(event.text);
      else if (event.seq > this.#last + 1) throw new Error("a gap: the list has what is missing");
      else this.#event(event, true);
    }
  }

  // randomUUID is missing on plain http, where a hospital may try the widget out
  const uuid = () => crypto.randomUUID?.() ?? crypto.getRandomValues(new Uint32Array(4)).join("-");
  const zone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

  // the page behind a phone's sheet does not scroll
  const LOCK = new CSSStyleSheet();
  LOCK.replaceSync("@media (max-width:35em),(max-height:30em){html{overflow:hidden}}");

  customElements.define("marrow-chat", MarrowChat);
  const chat = document.createElement("marrow-chat");
  Object.assign(chat.dataset, script.dataset);
  const place = () => document.body.append(chat);
  document.body ? place() : addEventListener("DOMContentLoaded", place);
  // any element with data-marrow-open opens the chat, its value as the draft
  document.addEventListener("click", (event) => {
    const opener = event.target.closest?.("[data-marrow-open]");
    if (opener) {
      event.preventDefault();
      chat.open(opener.dataset.marrowOpen);
    }
  });
})();
