/* Keys and live updates of the desk; see docs/desk.md. Every page works without it, by links and forms. */
(() => {
  "use strict";
  const $ = (selector, within = document) => within.querySelector(selector);
  const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
  const toast = $("#toast");
  let hush;

  function say(text) {
    toast.textContent = text;
    clearTimeout(hush);
    hush = setTimeout(() => (toast.textContent = ""), 6000);
  }

  // What htmx sends and gets
  document.addEventListener("htmx:responseError", (event) => {
    const { status, responseText } = event.detail.xhr;
    say(status === 401 ? "You were logged out. Load the page again." : (responseText || "").slice(0, 300) || "That did not work.");
  });
  document.addEventListener("htmx:sendError", () => say("The door cannot be reached. Trying again with your next step."));
  document.addEventListener("htmx:afterRequest", (event) => {
    const { successful, xhr, elt } = event.detail;
    if (!successful) return;
    const said = xhr.getResponseHeader("X-Desk-Said");
    if (said) say(said);
    if (elt.matches("form[data-clear], #composer")) {
      elt.reset();
      const id = $("[name=client_id]", elt);
      if (id) id.value = crypto.randomUUID ? crypto.randomUUID() : String(Date.now());
    }
    if (elt.matches("[data-closes]") && $("#sheet")) $("#sheet").close();
  });
  document.addEventListener("desk-changed", () => refresh(true));

  // On a phone the bars are wider than the screen
  const inView = (bar) => {
    const [box, on] = [$(bar), $(`${bar} [aria-current]`)].map((one) => one?.getBoundingClientRect());
    if (on) $(bar).scrollLeft += on.left - box.left - (box.width - on.width) / 2;
  };
  inView(".bar nav");

  // The inbox alone from here on
  const panes = $("#panes");
  if (!panes) return;
  const talk = () => $("#talk");
  const conversation = () => talk()?.dataset.conversation || "";
  let stream;
  let listening = "";
  let leaving = false;
  let chosen = 0; // number of the chosen line

  // What is asked while somebody logs out would be refused, and the refusal would lead back to this page
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-leaves]")) return;
    leaving = true;
    stream?.close();
    for (const one of $$(".htmx-request")) htmx.trigger(one, "htmx:abort");
  });

  function refresh(shown) {
    if (leaving) return;
    const selected = encodeURIComponent(conversation());
    load(`${panes.dataset.list}&live&selected=${selected}`, "#list");
    const part = talk()?.dataset.part;
    if (part && shown) load(`${part}&live`, "#lines");
  }

  // Each place asks for itself: what one element asks for waits for its last request, and only the newest is kept
  function load(path, place) {
    // while the door is away the promise fails; the next event asks again
    htmx.ajax("GET", path, { source: place, target: place, swap: "innerHTML" }).catch(() => {});
  }

  function listen() {
    if (stream && listening === conversation()) return;
    stream?.close();
    listening = conversation();
    stream = new EventSource(`${panes.dataset.live}?live&c=${encodeURIComponent(listening)}`);
    let first = true;
    stream.addEventListener("ready", () => {
      if (!first) refresh(true); // what happened while the line was cut
      first = false;
    });
    stream.addEventListener("changed", (event) => refresh(JSON.parse(event.data).shown));
    stream.addEventListener("typing", (event) => {
      const typing = $("#patient-typing");
      if (!typing) return;
      typing.hidden = !JSON.parse(event.data).on;
      if (!typing.hidden) $("#scroll").scrollTop = $("#scroll").scrollHeight;
    });
    stream.addEventListener("over", () => location.reload());
  }

  // Danger and who waits stand in the title of the browser's tab, and a new one is said
  let urgent = -1;
  function count() {
    const now = $$(".queues .danger .count, .queues .waiting .count").reduce((sum, one) => sum + (parseInt(one.textContent, 10) || 0), 0);
    document.title = `${now ? `(${now}) ` : ""}${document.title.replace(/^\(\d+\) /, "")}`;
    if (urgent >= 0 && now > urgent) say("New: danger, or somebody waits for a person.");
    urgent = now;
  }

  // The composer is there while the conversation is mine
  function stand() {
    const to = $("#assign");
    if (to && to !== document.activeElement) to.value = $("#assigned")?.dataset.to ?? to.value;
    const composer = $("#composer");
    if (!composer) return;
    const mine = $("#standing .standing")?.dataset.mine === "1";
    const was = !composer.hidden;
    composer.hidden = !mine;
    if (mine && !was && !document.activeElement?.matches("input, textarea, select")) $("#reply").focus();
  }

  // A list that was asked for before a conversation was opened does not know of it
  function mark() {
    for (const item of $$(".item")) {
      if (item.id === `c-${conversation()}`) item.setAttribute("aria-current", "true");
      else item.removeAttribute("aria-current");
    }
  }

  function opened() {
    document.body.classList.toggle("opened", Boolean(conversation()));
    mark();
    chosen = 0;
    const scroll = $("#scroll");
    if (scroll) {
      const asked = location.hash && $(location.hash.replace(/[^#\w-]/g, ""), scroll);
      if (asked) choose(Number(asked.dataset.seq), true);
      else showEnd();
    }
    listen();
  }
  // On a phone the whole page scrolls, elsewhere the talk alone
  const alone = (scroll) => scroll.scrollHeight > scroll.clientHeight + 1;
  function atEnd() {
    const [scroll, last] = [$("#scroll"), $("#lines").lastElementChild?.getBoundingClientRect()];
    if (alone(scroll)) return scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 60;
    return !last || (last.top < innerHeight && last.bottom > 0);
  }
  function showEnd() {
    const scroll = $("#scroll");
    if (alone(scroll)) scroll.scrollTop = scroll.scrollHeight;
    else $("#lines").lastElementChild?.scrollIntoView({ block: "nearest" });
  }
  let low = true; // the end of the conversation is in sight
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { id } = event.detail.target;
    if (id === "work" && $("#lines")) htmx.trigger("#lines", "htmx:abort"); // it would bring what is known of the old one
    if (id === "lines") low = atEnd();
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target.id === "work") opened();
    if (event.detail.target.id === "lines") {
      stand();
      if (low) showEnd();
      choose(chosen, false);
    }
    if (event.detail.target.id === "list") {
      mark();
      count();
    }
    if (event.detail.target.id === "sheet") show($("#sheet"));
  });

  function show(dialog) {
    const title = $("#sheet-title", dialog);
    if (title) dialog.setAttribute("aria-labelledby", "sheet-title");
    if (!dialog.open) dialog.showModal();
    $("[autofocus]", dialog)?.focus();
  }

  // Messages of the transcript, chosen one by one
  const messages = () => $$(".said-line[data-message]");
  function choose(seq, look) {
    for (const line of $$(".said-line.chosen")) line.classList.remove("chosen");
    const line = seq && $(`#l-${seq}`);
    if (!line) return;
    chosen = seq;
    line.classList.add("chosen");
    if (look) {
      line.focus({ preventScroll: true });
      line.scrollIntoView({ block: "nearest" });
    }
  }
  function step(by) {
    const within = document.activeElement;
    if (within?.closest("#list") || !talk() || within === document.body) {
      const items = $$(".item");
      const now = items.findIndex((item) => item === within || (!within?.closest(".item") && item.hasAttribute("aria-current")));
      items[Math.min(items.length - 1, Math.max(0, now + by))]?.focus();
      return;
    }
    const all = messages();
    const at = all.findIndex((line) => Number(line.dataset.seq) === chosen);
    const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by;
    const line = all[Math.min(all.length - 1, Math.max(0, next))];
    if (line) choose(Number(line.dataset.seq), true);
  }
  document.addEventListener("focusin", (event) => {
    const line = event.target.closest?.(".said-line[data-message]");
    if (line) choose(Number(line.dataset.seq), false);
  });
  document.addEventListener("click", (event) => {
    const offer = event.target.closest("[data-insert]");
    if (offer) insert($(".words", offer).textContent);
  });

  function insert(words) {
    $("#sheet").close();
    const reply = $("#reply");
    if (!reply || $("#composer").hidden) {
      say("Take the conversation over first, then put the text in.");
      return;
    }
    reply.setRangeText(words, reply.selectionStart, reply.selectionEnd, "end");
    reply.focus();
  }

  // Typing is told to the patient, at most every three seconds
  let told = 0;
  document.addEventListener("input", (event) => {
    if (event.target.id !== "reply" || Date.now() - told < 3000) return;
    told = Date.now();
    const headers = { ...JSON.parse(document.body.getAttribute("hx-headers")), "HX-Request": "true" };
    fetch(`/desk/c/${conversation()}/typing`, { method: "POST", headers, body: new URLSearchParams({ on: "1" }) }).catch(() => {});
  });

  // Keys
  const press = (key) => {
    const within = ["x", "z", "f"].includes(key) ? $(`#l-${chosen}`) : talk();
    const button = within && $(`[data-key="${key}"]`, within);
    if (button) button.click();
    else if (["x", "z", "f"].includes(key) && talk()) say("Choose a message first, with j and k.");
  };
  const KEYS = {
    j: () => step(1),
    k: () => step(-1),
    r: () => ($("#composer") && !$("#composer").hidden ? $("#reply").focus() : say("Take the conversation over first.")),
    n: () => $("#note")?.focus(),
    e: () => press("e"),
    t: () => press("t"),
    x: () => press("x"),
    z: () => press("z"),
    f: () => press("f"),
    "/": () => load("/desk/answers", "#sheet"),
    "?": () => show($("#keys")),
    Escape: () => {
      const item = $(".item[aria-current]") || $(".item");
      if (item && document.activeElement !== item) item.focus();
    },
  };
  document.addEventListener("keydown", (event) => {
    const field = event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select");
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && field?.form) {
      event.preventDefault();
      field.form.requestSubmit();
      return;
    }
    const dialog = $("dialog[open]");
    if (dialog && /^[1-9]$/.test(event.code.replace(/^(Digit|Numpad)/, "")) && (event.altKey || !field)) {
      const choice = $(`[data-choice="${event.code.slice(-1)}"]`, dialog);
      if (choice) {
        event.preventDefault();
        choice.click();
      }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || dialog) return;
    if (event.key === "Enter" && event.target.matches(".item[aria-current]") && talk()) {
      event.preventDefault(); // open already: on into the conversation
      $("#scroll").focus({ preventScroll: true });
      return;
    }
    if (event.key === "Escape" && field) {
      field.blur();
      $("#scroll")?.focus({ preventScroll: true });
      return;
    }
    if (field || document.body.dataset.keys !== "on") return;
    if (/^[1-7]$/.test(event.key)) {
      event.preventDefault();
      $(`.queues [data-queue="${event.key}"]`)?.click();
      return;
    }
    if (Object.hasOwn(KEYS, event.key)) {
      event.preventDefault();
      KEYS[event.key]();
    }
  });

  // "5 min" grows old by itself
  setInterval(() => document.hidden || refresh(false), 60000);

  opened();
  count();
  inView(".queues");
  $(".item[aria-current]")?.scrollIntoView({ block: "nearest" });
})();
