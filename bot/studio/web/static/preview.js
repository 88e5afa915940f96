/* Shows, with the widget's own script, the answer that is written on the page around this frame: it stands there as the
   events that the door would send, and changes as it is written. What would send or decide something does nothing here. */
(() => {
  "use strict";
  const around = parent.document.querySelector("#preview");
  const chat = document.querySelector("marrow-chat");
  let shown = "";

  async function show() {
    const { events } = around.querySelector("[data-events]").dataset;
    if (events === shown) return;
    shown = events;
    const was = chat.shadowRoot.querySelector(".log")?.scrollTop ?? 0;
    const open = chat.shadowRoot.querySelector(".source")?.open ?? false;
    await chat.show(JSON.parse(events));
    for (const one of chat.shadowRoot.querySelectorAll("header, footer, .meta")) one.inert = true;
    for (const one of chat.shadowRoot.querySelectorAll(".log button")) one.ariaDisabled = "true";
    const source = chat.shadowRoot.querySelector(".source");
    if (source && open) source.open = true; // never closed here: the trainer may have opened it while it was drawn
    chat.shadowRoot.querySelector(".log").scrollTop = was;
  }

  addEventListener("click", (event) => {
    for (const { localName, target } of event.composedPath()) {
      if (localName === "button") event.stopImmediatePropagation();
      if (localName === "a" && !target) event.preventDefault(); // a call or a mail would take the frame's place
    }
  }, true);
  new MutationObserver(show).observe(around, { childList: true });
  show();
})();
