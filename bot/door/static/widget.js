/* Marrow's chat widget, see docs/widget.md. Longer than 300 lines because a page includes one script and nothing builds it
   from several; what follows a conversation stands in widget/talk.js, what is
   rarely used in widget/more.js, other languages in widget/lang/. The door serves it
   without comments and space. Kept throughout: nothing stored before consent; data becomes text nodes only; no inline style. */
(() => {
  "use strict";
  if (customElements.get("marrow-chat")) return;

  const script = document.currentScript || document.querySelector('script[src*="widget.js"]');
  const DOOR = new URL(".", script.src).href;
  const KEY = `marrow:${DOOR}`;
  const PHONE = matchMedia("(max-width: 35em), (max-height: 30em)");
  const [ECHO_MS, FIRST_BYTE_MS, SILENCE_MS, POLL_MS, DEAF_MS, LONGEST_WAIT_MS] = [2500, 5000, 25000, 2000, 60000, 30000];
  const [BEACON_MS, LEADERLESS_MS, FRESH_MS] = [3000, 8000, 3600000];
  const LANGUAGES = /^(ar|de|es|fr|it|ja|ko|pt|ru|tr|zh)\b/; // those of widget/lang/
  const SIZES = { m: 1, l: 1.25, xl: 1.5 };

  const WORDS = {
    launcher: "Ask a question",
    unread: "{n} new",
    program: "A program. Answers written by people.",
    human: "A person of the hospital team",
    mine: "You",
    team: "Hospital team",
    hospital: "the hospital",
    hello: "Hello. Before we start",
    about: "I am Marrow, a program. I answer questions about CAR-T cell therapy and blood, marrow and cord-blood transplants. People wrote every answer.",
    urgent: "I cannot examine anyone or judge symptoms. If it may be urgent, call your hospital or the emergency number now.",
    kept: "What you write here is kept by {name}, so that you can come back to it. You can delete it at any time in the menu. Please leave out ID numbers.",
    start: "Start",
    rather: "You would rather talk to a person? Call {number}.",
    menu: "Menu",
    close: "Close",
    log: "Conversation",
    box: "Your question",
    write: "Write your question",
    send: "Send",
    person: "Talk to a person",
    ask_person: "I want to talk to a person",
    open_now: "Open now.",
    wait: "Wait: about {n} min.",
    opens: "Opens {when}, your time.",
    sending: "Sending\u2026",
    waiting: "Waiting to be sent",
    edit: "Edit",
    unreached: "That did not work just now. Please try again in a minute.",
    anew: "Your earlier conversation has ended. You can start a new one; what you had not sent is kept.",
    deleted: "Your conversation was deleted.",
    offline: "You are offline. What you write is kept here and sent when you are back.",
    lost: "The connection was lost. Trying again\u2026",
    busy: "Marrow cannot take messages just now. Yours is kept and will be sent.",
    fast: "That was many messages at once. Yours is kept and goes out {when}.",
    long: "This message is too long, so it was not sent: {n} of {most} characters. Please shorten it.",
    refused: "This was not taken.",
    changed: "This button no longer works. Please type your question.",
    left: "{n} characters left",
    over: "Too long by {n}",
    danger_emergency: "This may be urgent",
    danger_self_harm: "Please talk to someone now",
    emergency: "Emergency: {number}",
    day_night: "24 hours: {number}",
    call: "Call {number}",
  };
  let words = {}; // of another language

  const t = (key, values = {}) => (words[key] || WORDS[key]).replace(/\{(\w+)\}/g, (_, name) => values[name]);

  const ICONS = {
    mark: "M12 3a9 9 0 0 0-7.7 13.6L3 21l4.6-1.2A9 9 0 1 0 12 3Z M9.4 9.6a1.6 1.6 0 1 0 .01 0Z M14.9 8.7a.9.9 0 1 0 .01 0Z M13.6 12.7a2.1 2.1 0 1 0 .01 0Z",
    close: "m6 6 12 12M18 6 6 18",
    menu: "M12 5.5v.01M12 12v.01M12 18.5v.01",
    send: "M12 19V5m0 0-6 6m6-6 6 6",
    phone: "M6.5 4h3l1.5 4-2 1.5a11 11 0 0 0 5.5 5.5l1.5-2 4 1.5v3a1.5 1.5 0 0 1-1.7 1.5A16 16 0 0 1 5 5.7 1.5 1.5 0 0 1 6.5 4Z",
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

  const CALL = /(?:\+|\b)\d(?:[ ()-]{0,2}\d){2,14}\b/g;

  const tel = (number) => `tel:${number.replace(/[^\d+]/g, "")}`;

  /** Cuts a text at what a pattern finds and puts what `make` gives in its place. */
  function marked(text, pattern, make) {
    const parts = [];
    let at = 0;
    for (const match of text.matchAll(pattern)) {
      parts.push(text.slice(at, match.index), make(match));
      at = match.index + match[0].length;
    }
    return [...parts, text.slice(at)];
  }

  /** Words around a number, which is written from the left in every language. */
  const around = (key, node) => marked(t(key, { number: "\0" }), /\0/g, () => node);

  const calls = (text = "", key = "call") => h("div", { class: "calls" }, [...new Set(text.match(CALL))].map((number) => h("a", { href: tel(number) }, icon("phone"), h("span", null, around(key, h("bdi", { dir: "ltr" }, number))))));
  const callable = (text) => marked(text, CALL, ([number]) => h("a", { href: tel(number) }, number));

  function prose(text, make) {
    const blocks = h("div", { class: "text", dir: "auto" });
    for (const line of text.split(/\n+/).filter((each) => each.trim())) {
      const item = /^\s*[-\u2022*]\s+(.*)/.exec(line);
      if (!item) blocks.append(h("p", null, make(line)));
      else {
        if (blocks.lastChild?.tagName !== "UL") blocks.append(h("ul"));
        blocks.lastChild.append(h("li", null, make(item[1])));
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

  /** Asks the door; throws an Error with `status`, `problem` (RFC 9457) and `retry_ms`. */
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

  async function file(name) {
    const response = await fetch(DOOR + name, { credentials: "omit" });
    if (!response.ok) throw new Error(`${name}: HTTP ${response.status}`);
    return response;
  }

  const isOver = ({ status }) => status === 401 || status === 404;
  const isRefused = ({ status }) => status >= 400 && status < 500 && status !== 408 && status !== 429;
  // randomUUID is missing on plain http, where a hospital may try the widget out
  const uuid = () => crypto.randomUUID?.() ?? crypto.getRandomValues(new Uint32Array(4)).join("-");
  const zone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

  class Chat {
    own = new CSSStyleSheet();
    config = {};
    session = null;
    staff = ""; // name of the person who has joined
    draft = "";
    events = []; // shown so far
    queue = []; // this tab's messages that the door has not acknowledged
    done = new Set(); // client_ids that it has
    bubbles = new Map(); // pending, by client_id
    warned = new Map(); // the cards of refused words, by client_id
    last = 0; // highest seq shown
    seen = 0; // highest seq that was in sight
    expected = 0; // highest seq acknowledged
    sent_at = 0;
    led_at = 0; // when the tab with the stream was last heard
    deaf_until = 0;
    skew_ms = 0; // the door's clock against this one
    unread = 0;
    misses = 0;
    wakers = new Set();
    kit = { h, button, icon, tel, t, marked, prose, store, zone, isOver, isRefused, WORDS, ICONS, SIZES };

    constructor(host) {
      this.host = host;
      this.root = host.attachShadow({ mode: "open" });
    }

    /** Dresses the element; until then it is hidden: no flash of a bare button. */
    async begin() {
      const { host } = this;
      this.data = host.dataset;
      this.bare = this.data.preview != null;
      if (this.bare) store.read = () => memory;
      const { language, size } = store.read();
      this.size = size || this.data.textSize;
      host.hidden = true;
      this.launcher = button({ class: "launcher", "aria-haspopup": "dialog", onclick: () => this.open() },
        icon("mark"), (this.label = h("span")), (this.badge = h("span", { class: "unread", hidden: true, "aria-hidden": "true" })));
      this.news = h("div", { class: "hush", role: "status" });
      this.root.append(this.launcher, this.news);
      this.dress();
      const speaking = this.speak(language || this.data.language || document.documentElement.lang);
      for (let wait_ms = 1000; !this.root.adoptedStyleSheets.length; wait_ms = Math.min(2 * wait_ms, LONGEST_WAIT_MS)) {
        try {
          const [tokens, look] = await Promise.all(["tokens.css", "widget.css"].map(async (name) => new CSSStyleSheet().replace(await (await file(name)).text())));
          const scheme = { light: "not all", dark: "all" }[this.data.theme];
          if (scheme) for (const { media } of tokens.cssRules) if (media?.mediaText.includes("scheme")) media.mediaText = scheme;
          this.root.adoptedStyleSheets = [tokens, look, this.own];
        } catch {
          await this.pause(wait_ms);
        }
      }
      await speaking;
      host.hidden = false;
      if (!this.bare) this.awake();
    }

    /** Takes the words of a language; the English ones stay where there are none. */
    async speak(tag = "") {
      const { host } = this;
      this.tag = tag;
      words = {};
      const [known] = LANGUAGES.exec(tag) || [];
      if (known) {
        try {
          words = await (await file(`widget/lang/${known}.json`)).json();
        } catch {} // English is better than nothing
      }
      if (tag) host.lang = tag;
      host.dir = /^(ar|fa|he|ur)\b/.test(tag) ? "rtl" : "ltr";
      this.count();
    }

    count() {
      const name = this.data.greeting || t("launcher");
      this.label.textContent = name;
      this.badge.textContent = this.unread || "";
      this.badge.hidden = !this.unread;
      const news = this.unread ? t("unread", { n: this.unread }) : "";
      this.launcher.setAttribute("aria-label", news ? `${name} (${news})` : name);
      if (this.news.textContent !== news) this.news.textContent = news && `Marrow: ${news}`;
    }

    /** Opens the panel; `question` is put into the text box, not sent. */
    open(question, { focus = true } = {}) {
      if (!this.panel) this.build();
      if (typeof question === "string" && question) this.setDraft(question);
      if (!this.panel.open) {
        this.opener = document.activeElement;
        this.unfold();
        this.launcher.hidden = true;
        document.adoptedStyleSheets = [...document.adoptedStyleSheets, LOCK];
        this.fit();
        this.configure();
        if (this.session) {
          store.change((data) => (data.open = true));
          this.read();
          this.listen();
          this.scroll();
        }
      }
      if (focus) this.rest();
    }

    unfold() {
      if (PHONE.matches && !this.bare) this.panel.showModal();
      else this.panel.open = true; // show() would take the focus
    }

    /** Shows lines of no conversation, to who writes answers. */
    async preview(events) {
      await this.learn();
      this.open("", { focus: false });
      this.events = events;
      this.chat();
    }

    close() {
      this.panel?.close();
    }

    closed() {
      if (this.panel.open) return; // sheet became panel, or back
      this.launcher.hidden = false;
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter((each) => each !== LOCK);
      if (this.session) store.change((data) => (data.open = false));
      const { opener, host } = this;
      (!opener?.isConnected || opener === host || opener === document.body ? this.launcher : opener).focus();
    }

    /** Focuses what comes next; on a touch screen not the box, whose keyboard would hide the text. */
    rest() {
      (!this.session ? this.start : matchMedia("(pointer: coarse)").matches ? this.log : this.box).focus();
    }

    /** What is in sight has been read, in every tab. */
    read() {
      this.unread = 0;
      this.count();
      if (this.seen >= this.last) return;
      this.seen = this.last;
      store.change((data) => Object.assign(data, { seen: this.last, at: Date.now() }));
      this.tell({ read: this.last });
    }

    /** Takes up a known conversation. */
    awake() {
      const { id, token, queue = [], open, draft = "", seen = 0, at = 0 } = store.read();
      const wanted = this.data.open;
      const opens = (wanted != null && wanted !== "false") || (open && id && !PHONE.matches);
      if (id) {
        Object.assign(this, { session: { id, token }, draft, seen });
        if (!opens) {
          this.build();
          // an old conversation is looked at once, for the badge; a stream is for one that is going on
          if (queue.length || Date.now() - at < FRESH_MS) this.listen();
          else {
            this.quiet = true;
            this.persist(id, () => this.sync().then(() => true), true);
          }
        }
      }
      if (opens) this.open("", { focus: false });
      addEventListener("online", () => this.wake());
      addEventListener("offline", () => this.trouble("offline"));
      document.addEventListener("visibilitychange", () => this.panel?.open && this.session && !document.hidden && this.read());
      addEventListener("storage", ({ key }) => key === KEY && this.other(store.read()));
      PHONE.addEventListener("change", () => {
        if (!this.panel?.open) return;
        this.panel.close();
        this.unfold();
      });
      for (const kind of ["resize", "scroll"]) globalThis.visualViewport?.addEventListener(kind, () => this.fit());
    }

    /** Another tab changed what is kept. */
    other({ id, token, queue = [] }) {
      if (id !== this.session?.id) return id ? this.join({ id, token }) : this.end("deleted");
      for (const [client_id, row] of this.bubbles) {
        if (![...queue, ...this.queue].some((item) => item.client_id === client_id)) {
          this.bubbles.delete(client_id);
          row.remove();
        }
      }
    }

    dress(more = "") {
      const [, hex] = /^#([\da-f]{6})$/i.exec(this.data.accent || "") || [];
      let style = `--m-unit:calc(max(16px,1rem)*${SIZES[this.size] || 1});${more}`;
      if (hex) {
        const [r, g, b] = [0, 2, 4].map((at) => (parseInt(hex.slice(at, at + 2), 16) / 255) ** 2.2);
        const on = 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.18 ? "#000" : "#fff";
        style += `--m-fill:#${hex};--m-fill-hover:color-mix(in srgb,#${hex} 88%,${on === "#000" ? "#fff" : "#000"});--m-on-fill:${on};`;
      }
      if (/^(light|dark)$/.test(this.data.theme)) style += `color-scheme:${this.data.theme};`;
      this.own.replaceSync(`:host{${style}}`);
    }

    /** Keeps the phone sheet above the on-screen keyboard. */
    fit() {
      const view = globalThis.visualViewport;
      if (view && this.panel?.open && PHONE.matches && view.scale === 1) this.dress(`--high:${view.height}px;--top:${view.offsetTop}px;`);
    }

    build() {
      const was = this.panel;
      const tool = (name, onclick, more) => button({ class: "tool", "aria-label": t(name), title: t(name), onclick, ...more }, icon(name));
      this.menu = h("div", { class: "menu", hidden: true, role: "group", "aria-label": t("menu") });
      this.more = tool("menu", () => this.toggle(), { "aria-expanded": "false" });
      this.panel = h("dialog", { class: "panel", "aria-labelledby": "title", "aria-describedby": "sub", onclose: (event) => event.target === this.panel && this.closed() },
        h("header", null, (this.face = h("span", { class: "badge", "aria-hidden": "true" })),
          h("div", null, (this.title = h("h2", { id: "title", dir: "auto" })), (this.sub = h("p", { id: "sub" }))),
          this.more, tool("close", () => this.close()), this.menu,
          (this.alarm = h("div", { class: "hush", role: "alert" })), (this.note = h("div", { class: "hush", role: "status" }))));
      this.panel.onkeydown = (event) => {
        if (event.key !== "Escape" || event.defaultPrevented || event.target.closest(".ask")) return;
        event.preventDefault();
        if (this.menu.hidden) this.close();
        else this.toggle(false, true);
      };
      this.panel.onclick = (event) => {
        if (!this.menu.hidden && !this.menu.contains(event.target) && !this.more.contains(event.target)) this.toggle(false);
      };
      this.root.append(this.panel);
      this.who();
      if (this.session) this.chat();
      else this.consent();
      if (was?.open) this.unfold();
      was?.remove();
    }

    /** Says whom the patient is talking to: the program, or a person by name. */
    who() {
      const { staff } = this;
      this.title.textContent = staff || "Marrow";
      this.sub.textContent = t(staff ? "human" : "program");
      this.face.replaceChildren(staff ? [...staff.toUpperCase()][0] : icon("mark"));
      this.panel.classList.toggle("staffed", !!staff);
      if (this.person) this.person.hidden = !!staff;
    }

    /** Whether somebody can be reached now, and when, in the patient's own time; empty while unknown. */
    reach() {
      const { open_now, opens_at, expected_wait_min: n } = this.config;
      if (open_now) return t("open_now") + (n ? ` ${t("wait", { n })}` : "");
      return open_now === false && opens_at ? t("opens", { when: new Date(opens_at).toLocaleString(this.locale(), { weekday: "long", hour: "numeric", minute: "2-digit" }) }) : "";
    }

    show(...nodes) {
      while (this.panel.children.length > 1) this.panel.lastChild.remove();
      this.panel.append(...nodes);
    }

    consent(notice = "", safety) {
      this.state = h("div", { class: "state", role: "status" }, notice);
      this.start = button({ class: "solid", onclick: () => this.agree() }, t("start"));
      this.kept = h("p", { class: "kept" });
      this.instead = h("p", { class: "kept" });
      this.calls = h("div");
      this.show(h("section", { class: "consent", tabindex: "0", "aria-label": t("hello") }, safety && h("ol", null, this.warning(safety)), this.state, h("h3", null, t("hello")),
        h("p", null, t("about")), h("div", { class: "urgent" }, h("p", null, t("urgent")), this.calls), this.kept, this.start, this.instead));
      this.fill();
    }

    fill() {
      const { hospital_name: name, contact_phone: number, urgent_phone, emergency_number } = this.config;
      if (this.person) this.person.lastChild.textContent = this.reach();
      if (!this.kept) return;
      this.calls.replaceChildren(calls(emergency_number, "emergency"), calls(urgent_phone, "day_night"));
      this.kept.textContent = t("kept", { name: name || t("hospital") });
      this.instead.replaceChildren(...(number ? around("rather", h("a", { href: tel(number), dir: "ltr" }, number)) : []), ` ${this.reach()}`);
    }

    chat() {
      const known = this.events;
      const kept = this.list ? [...this.list.querySelectorAll(".failed, .danger:not([data-seq])")] : []; // of no event
      const starters = this.log?.querySelector(".starters");
      this.list = h("ol");
      this.dots = h("div", { class: "typing", "aria-hidden": "true", hidden: true }, h("i"), h("i"), h("i"));
      this.log = h("div", { class: "log", role: "log", "aria-label": t("log"), tabindex: "0" }, this.list, this.dots);
      this.state = h("div", { class: "state", role: "status" });
      this.left = h("p", { class: "count", id: "count" });
      this.box = h("textarea", { rows: "1", placeholder: t("write"), enterkeyhint: "send", dir: "auto", "aria-label": t("box"), "aria-describedby": "count", autocomplete: "off",
        oninput: () => {
          this.setDraft(this.box.value);
          this.tells();
        },
        onkeydown: (event) => {
          // an Enter that ends a composition (Chinese, Japanese) only chooses a word
          if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
          event.preventDefault();
          this.submit();
        } });
      this.go = button({ class: "solid", "aria-label": t("send"), title: t("send"), onclick: () => this.submit() }, icon("send"));
      this.person = button({ class: "person", onclick: () => this.askPerson() }, h("b", null, t("person")), " ", h("small"));
      this.show(this.log, h("footer", null, this.state, h("div", { class: "write" }, h("label", null, this.box), this.go), this.left, this.person));
      Object.assign(this, { kept: null, events: [], last: 0, day: null, previous: null, mine: null, staff: "" });
      this.bubbles.clear();
      this.fill();
      this.setDraft(this.draft);
      for (const event of known) this.event(event);
      this.list.append(...kept);
      if (starters) this.log.append(starters);
      for (const item of this.waiting()) this.pend(item);
    }

    /** Everything not acknowledged, of this tab and of those before it. */
    waiting() {
      const kept = (store.read().queue || []).filter(({ client_id }) => !this.done.has(client_id) && !this.queue.some((item) => item.client_id === client_id));
      return [...kept, ...this.queue];
    }

    /** A module of the door; after a failure under another address, because a browser may remember the failure. */
    async module(name) {
      try {
        return await import(`${DOOR}widget/${name}.js?${this.misses}`);
      } catch {
        this.misses++;
      }
    }

    /** What is rarely used is fetched when it is wanted: the menu, forms. */
    async extra(name, ...args) {
      const more = await this.module("more");
      if (more) return more[name](this, ...args);
      this.trouble(navigator.onLine ? "unreached" : "offline");
    }

    /** Fetches what follows a conversation: links, sources, cards, thumbs, times. Words are shown without it, too. */
    async learn() {
      if (this.talk || this.misses > 5) return;
      const talk = await this.module("talk");
      if (!talk || this.talk) return;
      this.talk = talk.begin(this);
      if (!this.events.length) return;
      const typing = this.root.activeElement === this.box;
      this.chat(); // it came late: who writes goes on writing
      if (typing) this.box.focus();
      this.scroll();
    }

    async toggle(show = this.menu.hidden, focus) {
      if (show) {
        const known = this.configure(true);
        if (!this.config.languages) await known;
        await this.extra("fillMenu");
        if (!this.menu.firstChild) return;
      }
      this.menu.hidden = !show;
      this.more.setAttribute("aria-expanded", show);
      if (show) [...this.menu.querySelectorAll("button, select")].find((each) => each.offsetParent).focus();
      else if (focus) this.more.focus();
    }

    say(text, ...more) {
      if (this.state && this.state.textContent !== text) this.state.replaceChildren(text, ...more);
    }

    /** Says what is wrong, and whom to call meanwhile. */
    trouble(key, values) {
      const { urgent_phone, emergency_number } = this.config;
      const text = t(key, values);
      if (!this.state?.textContent.startsWith(text)) this.say(text, ...(this.session ? [calls(emergency_number, "emergency"), calls(urgent_phone, "day_night")] : []));
    }

    setDraft(text) {
      this.draft = text;
      if (!this.session || !this.box) return;
      if (this.box.value !== text) this.box.value = text;
      if ((store.read().draft || "") !== text) store.change((data) => (data.draft = text));
      this.box.rows = Math.min(6, text.split("\n").length);
      const left = this.most() - [...text.trim()].length;
      this.left.textContent = left < 0 ? t("over", { n: -left }) : left <= 200 ? t("left", { n: left }) : "";
      this.left.classList.toggle("bad", left < 0);
      this.left.ariaLive = left < 20 ? "polite" : "off"; // not at every letter
      this.go.disabled = !text.trim(); // too long a text goes to the door all the same: it may tell of danger
    }

    /** Shows to the person who has joined that something is being written, every 3 seconds at most. */
    tells() {
      if (!this.staff || !this.session || Date.now() - (this.told_ms || 0) < 3000) return;
      this.told_ms = Date.now();
      this.call("/typing", { method: "POST", body: { on: true } }).catch(() => {});
    }

    most() {
      return this.config.message_max_characters || 2000;
    }

    /** Shows an event, once; the patient's own already has its bubble. */
    event(event, live) {
      if (!(event.seq > this.last)) return;
      this.last = event.seq;
      this.events.push(event);
      const { from, presence, client_id, hidden } = event;
      const mine = from === "patient";
      const danger = WORDS[`danger_${event.safety}`];
      const warned = this.warned.get(this.list.querySelector(`[data-seq="${event.reply_to}"]`)?.dataset.client);
      warned?.remove();
      if (presence) {
        this.staff = presence === "joined" ? event.staff?.name || t("team") : "";
        this.who();
      }
      let row = mine && this.bubbles.get(client_id);
      if (mine) {
        this.bubbles.delete(client_id);
        if (client_id) this.settle(client_id);
      } else if (from !== "system") {
        this.staffed = from === "staff"; // no dots that promise a person at once
        this.typing(false);
      }
      if (row && hidden) {
        const said = this.row(event);
        row.replaceWith(said);
        row = said;
      }
      row ||= this.row(event);
      if (mine) this.mine = row;
      row.classList.remove("pending", "failed");
      const at = new Date(event.at);
      if (mine && live) this.skew_ms = at - Date.now();
      row.dataset.seq = event.seq;
      row.dataset.client = client_id;
      row.querySelector(".meta").replaceChildren(h("time", { datetime: event.at, title: at.toLocaleString(this.locale()) }, this.ago(at)), this.talk?.thumbs(event, row) || "");
      const before = this.list.querySelector(".pending");
      const day = at.toDateString();
      if (day !== this.day) this.list.insertBefore(h("li", { class: "day", "aria-live": "off", "data-at": event.at }, this.dayName(at)), before);
      this.day = day;
      const { previous } = this;
      if (previous?.dataset.kind === row.dataset.kind && at - previous.at < 60000 && !danger) {
        row.classList.add("joined");
        previous.querySelector(".meta").hidden = !previous.querySelector(".thumb");
      }
      row.at = at;
      this.previous = row;
      // history is not read out, and neither is what the patient wrote or what the alert region says
      row.ariaLive = live && !mine && !danger ? null : "off";
      this.list.insertBefore(row, before);
      const sight = this.panel.open && !document.hidden;
      if (!sight && !mine && event.seq > this.seen && !this.panel.open) {
        this.unread++;
        this.count();
      }
      if (!live) return;
      if (this.leading) this.tell({ event });
      if (sight) this.read();
      if (mine && hidden) this.note.textContent = row.querySelector(".hid")?.textContent || "";
      if (!mine) row.classList.add("live");
      if (danger && !warned) this.alert(event);
      this.scroll(event.reply_to && !event.safety ? this.mine : row);
    }

    /** Speaks at once; the card is silent. */
    alert({ safety, text }) {
      this.alarm.textContent = [t(`danger_${safety}`), text].join(". ");
      setTimeout(() => (this.alarm.textContent = ""), 20000);
    }

    /** The card for refused words. */
    warning({ verdict: safety, text }) {
      this.alert({ safety, text });
      return this.row({ from: "bot", safety, text });
    }

    /** Puts the card for refused words under a row, or at the end. */
    warn(safety, row = this.list.lastChild) {
      const card = this.warning(safety);
      row ? row.after(card) : this.list.append(card);
      setTimeout(() => this.scroll(card)); // after the notice
      return card;
    }

    locale() {
      return this.host.lang || undefined;
    }

    relative(...value) {
      return new Intl.RelativeTimeFormat(this.locale(), { numeric: "auto" }).format(...value);
    }

    ago(at) {
      return this.talk?.ago(at) || at.toLocaleTimeString(this.locale(), { hour: "numeric", minute: "2-digit" });
    }

    dayName(at) {
      const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / 864e5);
      const name = days < 2 ? this.relative(-days, "day") : at.toLocaleDateString(this.locale(), { dateStyle: "long" });
      return name[0].toUpperCase() + name.slice(1);
    }

    /** Shows the end, but keeps the top of a long answer, or its question, in sight. */
    scroll(row) {
      if (!this.log) return;
      const end = this.log.scrollHeight - this.log.clientHeight;
      this.log.scrollTop = row ? Math.min(end, row.offsetTop - 12) : end;
    }

    row(event) {
      const { from, text, answer, buttons, safety, hidden } = event;
      const alarm = WORDS[`danger_${safety}`] && t(`danger_${safety}`);
      const name = from === "staff" && (event.staff?.name || event.name || t("team"));
      const row = h("li", { class: `row ${from} ${alarm ? "danger" : ""} ${safety || ""}`, lang: event.language, "data-kind": from + (name || ""), "aria-live": alarm || from === "patient" ? "off" : null },
        name ? h("p", { class: "who", dir: "auto" }, name) : h("span", { class: "hush" }, `${from === "patient" ? t("mine") : "Marrow"}: `));
      const bubble = h("div", { class: "bubble" }, alarm && h("h3", null, icon(safety === "self_harm" ? "phone" : "alert"), alarm),
        prose(text || "", alarm || safety === "check" ? callable : (line) => this.talk?.words(line, event) ?? line), alarm && calls(text));
      if (this.talk) bubble.append(...this.talk.under(event));
      row.append(bubble, (hidden && this.talk?.hid(hidden)) || "", h("p", { class: "meta", "aria-live": "off" }));
      if (buttons?.length) {
        row.append(h("div", { class: `choices${answer?.label === "clarify" || buttons.length > 4 ? " list" : ""}` },
          buttons.map(({ label, choice }) => button({ dir: "auto", onclick: () => this.send({ choice, label }) }, label))));
      }
      return row;
    }

    typing(on) {
      if (!this.dots) return;
      clearTimeout(this.dots_off);
      this.dots.hidden = !on;
      if (!on) return;
      this.dots_off = setTimeout(() => this.typing(false), DEAF_MS);
      this.scroll(this.mine);
    }

    call(path, options) {
      return call(`conversations/${this.session.id}${path}`, { token: this.session.token, ...options });
    }

    async configure(anew) {
      try {
        if (anew || !this.config.hospital_name) this.config = await (await call("config")).json();
      } catch {
        return; // the generic words stay
      }
      this.fill();
      this.setDraft(this.draft);
    }

    /** Start was pressed: only now is anything stored, here or there. */
    async agree() {
      this.start.disabled = true;
      this.say("");
      const language = this.tag;
      try {
        const body = { consent: true, time_zone: zone(), page: location.pathname, ...(/^[a-z]{2,8}(-[a-z\d]{1,8})*$/i.test(language) && { language }) };
        const { conversation: id, token } = await (await call("conversations", { method: "POST", body })).json();
        store.change((data) => Object.assign(data, { id, token, open: true, draft: this.draft, ...this.chosen }));
      } catch (error) {
        this.start.disabled = false;
        return this.say(t("unreached"));
      }
      this.join(store.read(), true);
      const questions = (this.data.startQuestions || "").split("|").filter((each) => each.trim());
      if (questions.length) this.log.append(h("div", { class: "choices starters" }, questions.map((text) => button({ dir: "auto", onclick: () => this.send({ text: text.trim() }) }, text.trim()))));
      this.rest();
    }

    join({ id, token }, fresh) {
      this.leave();
      this.warned.clear();
      Object.assign(this, { session: { id, token }, list: null, log: null, events: [], queue: [], expected: 0, seen: 0 });
      if (!this.panel) return;
      this.chat();
      this.who();
      this.listen(fresh);
    }

    /** Lets go of a conversation's stream and channel. */
    leave() {
      this.quit?.abort();
      this.control?.abort();
      this.channel?.close();
      clearInterval(this.clock);
      Object.assign(this, { listening: null, channel: null, turn: null, leading: false, last: 0 });
    }

    /** Back to the first screen; what was not sent becomes the draft. */
    end(notice, safety) {
      const unsent = this.waiting().map((item) => item.text).filter(Boolean);
      this.leave();
      store.clear();
      this.draft = notice === "anew" ? [...unsent, this.draft].filter(Boolean).join("\n") : "";
      Object.assign(this, { session: null, staff: "", events: [], queue: [], unread: 0 });
      this.bubbles.clear();
      this.wake();
      this.count();
      if (!this.panel) return;
      this.typing(false);
      this.who();
      this.person = null;
      this.consent(t(notice), safety);
      if (this.panel.open) this.start.focus({ preventScroll: true });
    }

    askPerson() {
      this.toggle(false);
      this.send({ text: t("ask_person") });
      this.rest();
    }

    submit() {
      if (this.go.disabled) return;
      this.send({ text: this.draft.trim() });
      this.setDraft("");
    }

    send(what) {
      const item = { client_id: uuid(), ...what };
      this.queue.push(item);
      this.save();
      this.mine = this.pend(item);
      this.scroll();
      if (this.sending) this.wake();
      this.flush();
    }

    save() {
      store.change((data) => (data.queue = this.waiting()));
    }

    pend(item) {
      this.log.querySelector(".starters")?.remove();
      const row = this.row({ from: "patient", text: item.label || item.text });
      row.classList.add("pending");
      row.querySelector(".meta").textContent = t(navigator.onLine ? "sending" : "waiting");
      this.bubbles.set(item.client_id, row);
      this.list.append(row);
      return row;
    }

    /** A message is with the door, or is never going to be. */
    settle(client_id) {
      this.done.add(client_id);
      const at = this.queue.findIndex((item) => item.client_id === client_id);
      if (at >= 0) this.queue.splice(at, 1);
      if (store.read().queue?.some((item) => item.client_id === client_id)) this.save();
    }

    /** Sends the queue in order, each under its own client_id, until the door has or refuses it. While an earlier one has
        to wait, each later one is tried once all the same: a refusal of the door carries what is owed to danger. */
    async flush() {
      if (this.sending || !this.session) return;
      this.sending = true;
      const { id } = this.session;
      const tried = new Set();
      let [wait_ms, pause_ms] = [1000, 0];
      while (this.session?.id === id && this.queue.length) {
        const item = this.queue.find(({ client_id }) => !tried.has(client_id));
        if (!item) {
          await this.pause(pause_ms);
          wait_ms = Math.min(2 * wait_ms, LONGEST_WAIT_MS);
          pause_ms = 0;
          tried.clear();
          continue;
        }
        const { label, ...body } = item;
        const letters = [...(item.text || "")];
        if (letters.length > this.most()) body.text = letters.slice(0, this.most() + 1).join(""); // fits into a body, and is refused
        try {
          const { seq } = await (await this.call("/messages", { method: "POST", body })).json();
          this.settle(item.client_id);
          this.expected = Math.max(this.expected, seq);
          this.sent_at = Date.now();
          wait_ms = 1000;
          if (!tried.size) this.say("");
          if (seq >= this.last && !this.staffed && !this.staff) this.typing(true);
        } catch (error) {
          if (this.session?.id !== id) break;
          const { safety } = error.problem || {};
          if (isOver(error)) {
            this.end("anew", safety);
            break;
          }
          const row = this.bubbles.get(item.client_id);
          if (safety && row && !this.warned.has(item.client_id)) this.warned.set(item.client_id, this.warn(safety, row));
          if (isRefused(error)) {
            this.refuse(item, error, letters);
            continue;
          }
          pause_ms = Math.max(pause_ms, error.retry_ms || wait_ms);
          for (const each of error.status ? [item] : this.queue) tried.add(each.client_id);
          if (error.status === 429) this.say(t("fast", { when: this.relative(Math.ceil(pause_ms / 1000), "second") }));
          else this.trouble(error.status ? "busy" : navigator.onLine ? "lost" : "offline");
        }
      }
      this.sending = false;
      if (this.session && this.session.id !== id) this.flush();
    }

    refuse(item, { problem }, letters) {
      this.settle(item.client_id);
      const row = this.bubbles.get(item.client_id);
      this.bubbles.delete(item.client_id);
      const most = this.most();
      const long = letters.length > most;
      const why = long ? t("long", { n: letters.length, most }) : item.choice ? t("changed") : `${t("refused")} ${problem.detail || ""}`;
      this.say(why);
      if (long && !problem.safety) this.screen(letters.slice(most - 200), row);
      if (!row) return;
      if (long && !this.draft) {
        row.hidden = true; // its words are back in the box
        return this.setDraft(item.text);
      }
      row.classList.replace("pending", "failed");
      row.querySelector(".meta").replaceChildren(why, item.text ? button({ onclick: () => { row.remove(); this.say(""); this.setDraft(item.text); this.box.focus(); } }, t("edit")) : "");
    }

    /** The door screens the beginning of what is too long; this asks it about the rest, of which it keeps nothing. */
    async screen(letters, row) {
      const most = this.most();
      for (let at = 0; at < Math.min(letters.length, 10 * most); at += most - 200) {
        try {
          await call("conversations", { method: "POST", body: { consent: false, text: letters.slice(at, at + most).join("") } });
        } catch ({ problem, status }) {
          if (problem?.safety && this.list) return this.warn(problem.safety, row?.isConnected ? row : undefined);
          if (status !== 403) return;
        }
      }
    }

    pause(ms) {
      return new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer);
          this.wakers.delete(done);
          resolve();
        };
        const timer = setTimeout(done, ms);
        this.wakers.add(done);
      });
    }

    wake() {
      this.say("");
      for (const done of [...this.wakers]) done();
    }

    /** Stays up to date: what was missed as a list; then one tab holds the stream, and the others hear from it. */
    async listen(fresh) {
      const { id } = this.session;
      if (this.listening === id) return;
      this.listening = id;
      this.channel = new BroadcastChannel(KEY + id);
      this.channel.onmessage = ({ data }) => this.session?.id === id && this.told(data);
      this.clock = setInterval(() => this.tick(), 1000);
      await Promise.race([this.learn(), this.pause(ECHO_MS)]);
      this.quiet = !fresh && !this.last; // what is known from before is not read out
      if (!(await this.persist(id, () => this.sync().then(() => true)))) return;
      const { locks } = navigator; // only in secure contexts; elsewhere each tab has a stream of its own
      while (this.session?.id === id) {
        const turn = (this.turn = {});
        this.leading = false;
        this.control?.abort();
        const { steal } = this;
        this.steal = false;
        this.led_at = Date.now();
        this.quit = new AbortController();
        if (!locks) await this.lead(id, turn);
        else await locks.request(KEY + id, steal ? { steal } : { signal: this.quit.signal }, () => this.lead(id, turn)).catch(() => {}); // taken away, or left
      }
    }

    tick() {
      const now = Date.now();
      if (now % 30000 < 1000) this.list?.querySelectorAll("time, .day").forEach((node) => (node.textContent = node.dateTime ? this.ago(new Date(node.dateTime)) : this.dayName(new Date(node.dataset.at))));
      if (this.leading) {
        if (now - this.led_at > BEACON_MS) this.tell({});
      } else if (!document.hidden && this.turn && now - this.led_at > LEADERLESS_MS) {
        this.steal = true; // a tab that sleeps keeps its lock
        this.quit.abort();
      } else if (this.missing(now)) this.sync().catch(() => {});
    }

    missing(now) {
      return this.expected > this.last && now - this.sent_at > ECHO_MS;
    }

    tell(data) {
      if (this.leading) this.led_at = Date.now();
      this.channel?.postMessage(data);
    }

    told({ event, typing, read }) {
      if (!read) this.led_at = Date.now();
      if (event) this.take(event);
      if (typing) this.typing(typing.on);
      if (read > this.seen) {
        this.seen = read;
        this.unread = 0;
        this.count();
      }
    }

    /** An event from a stream; a gap leads to the list. */
    take(event) {
      if (event.seq > this.last + 1) this.sync().catch(() => {});
      else this.event(event, true);
    }

    /** Holds the stream, until another tab takes it. */
    async lead(id, turn) {
      this.leading = true;
      this.tell({});
      this.adopt();
      await this.persist(id, async () => {
        if (this.turn !== turn) return true; // another tab has it
        await this.sync();
        this.flush();
        if (Date.now() < this.deaf_until) await this.pause(document.hidden ? 5 * POLL_MS : POLL_MS);
        else if (!(await this.stream(id, turn))) await this.pause(1000);
      });
    }

    /** Messages that an earlier page could not send are this tab's now. */
    adopt() {
      this.queue = this.waiting();
    }

    /** Repeats a step until it is done, with growing pauses while the door cannot be reached. */
    async persist(id, step, quiet) {
      let lost = false;
      for (let wait_ms = 1000; this.session?.id === id; ) {
        try {
          if (await step()) {
            if (lost) this.wake();
            return true;
          }
          wait_ms = 1000;
        } catch (error) {
          if (this.session?.id !== id) break;
          if (isOver(error)) {
            this.adopt();
            if (this.queue.length) this.flush(); // hears it too
            else this.end("anew");
            break;
          }
          lost = true;
          if (!quiet) this.trouble(navigator.onLine ? "lost" : "offline");
          await this.pause(error.retry_ms || wait_ms * (0.75 + Math.random() / 2));
          wait_ms = Math.min(2 * wait_ms, LONGEST_WAIT_MS);
        }
      }
      return false;
    }

    /** Reads the list of what was missed; asked for in between, it is read once more. */
    sync() {
      if (this.syncing) this.resync = true;
      else {
        this.syncing = (async () => {
          do {
            this.resync = false;
            const { id } = this.session;
            const found = await (await this.call(`/events?after=${this.last}`)).json();
            if (this.session?.id !== id) return;
            if (this.down) this.wake();
            this.down = false;
            this.learn();
            const { quiet } = this;
            this.quiet = false;
            for (const event of found) this.event(event, !quiet);
            if (quiet) {
              this.scroll();
              if (this.panel.open && !document.hidden) this.read();
            }
          } while (this.resync);
        })()
          .catch((error) => {
            this.down = true;
            throw error;
          })
          .finally(() => (this.syncing = null));
      }
      return this.syncing;
    }

    /** Reads the stream until it ends; one that a proxy swallows leads to polling. */
    async stream(id, turn) {
      const control = (this.control = new AbortController());
      const opened_at = Date.now();
      let heard_at = 0;
      const watch = setInterval(() => {
        const now = Date.now();
        const silent = heard_at ? now - heard_at > SILENCE_MS : now - opened_at > FIRST_BYTE_MS;
        if (this.session?.id !== id || this.turn !== turn) control.abort();
        else if (silent || (this.missing(now) && now - opened_at > ECHO_MS)) {
          this.deaf_until = now + DEAF_MS;
          control.abort();
        }
      }, 500);
      try {
        const response = await this.call(`/events?after=${this.last}`, { accept: "text/event-stream", signal: control.signal });
        const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
        for (let rest = ""; ; ) {
          const { value, done } = await reader.read();
          if (done || this.session?.id !== id || this.turn !== turn) break;
          heard_at = Date.now();
          const blocks = (rest + value).split(/\r\n\r\n|\n\n|\r\r/);
          rest = blocks.pop();
          for (const block of blocks) this.heard(block);
        }
      } catch (error) {
        if (isOver(error)) throw error;
      } finally {
        clearInterval(watch);
        control.abort();
      }
      if (!heard_at) this.deaf_until = Date.now() + DEAF_MS;
      return Date.now() - opened_at > 5000 || this.deaf_until > Date.now();
    }

    heard(block) {
      const [, data] = /^data: ?(.+)/m.exec(block) || [];
      if (!data) return; // a sign of life
      const event = JSON.parse(data);
      if (/^event: ?notice/m.test(block)) return this.say(event.text);
      if (!/^event: ?typing/m.test(block)) return this.take(event);
      this.typing(event.on);
      this.tell({ typing: event });
    }
  }

  // the page behind a phone's sheet does not scroll
  const LOCK = new CSSStyleSheet();
  LOCK.replaceSync("@media (max-width:35em),(max-height:30em){html{overflow:hidden}}");

  class MarrowChat extends HTMLElement {
    #chat = new Chat(this);

    connectedCallback() {
      if (!this.#chat.launcher) this.#chat.begin();
    }

    /** Opens the panel; `question` becomes the draft and is not sent. */
    open(question) {
      this.#chat.open(question);
    }

    close() {
      this.#chat.close();
    }

    /** With data-preview: shows these events of the patient API, and no others. */
    show(events) {
      return this.#chat.preview(events);
    }
  }

  customElements.define("marrow-chat", MarrowChat);
  const element = document.createElement("marrow-chat");
  Object.assign(element.dataset, script.dataset);
  const place = () => document.body.append(element);
  document.body ? place() : addEventListener("DOMContentLoaded", place);
  // any element with data-marrow-open opens the chat, its value as the draft
  document.addEventListener("click", (event) => {
    const opener = event.target.closest?.("[data-marrow-open]");
    if (opener) {
      event.preventDefault();
      document.querySelector("marrow-chat").open(opener.dataset.marrowOpen);
    }
  });
})();
