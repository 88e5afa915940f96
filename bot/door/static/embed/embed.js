/* Writes the tag for a web editor from what is chosen in the form, and shows the real widget with it. */

const form = document.querySelector("#form");
const stage = document.querySelector("#stage");
const ATTRIBUTES = ["language", "greeting", "accent", "position", "theme", "text-size", "start-questions", "open"];
const PREVIEW_AFTER_MS = 300;

const escaped = (text) => text.replace(/[&"<>]/g, (sign) => ({ "&": "&amp;", '"': "&quot;", "<": "&lt;", ">": "&gt;" })[sign]);
const value = (name) => form.elements[name].value.trim();
const local = (url) => /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);

/** An address that can be used, or null. */
function address(text) {
  try {
    const url = new URL(text);
    return url.protocol === "https:" || (url.protocol === "http:" && local(url)) ? url : null;
  } catch {
    return null;
  }
}

const questions = () => value("start-questions").split("\n").map((line) => line.trim()).filter(Boolean);

/** What is wrong with each field, in words; empty where it is right. */
function problems() {
  const lines = questions();
  return {
    greeting: value("greeting").length > 40 ? "Please use 40 letters at most: longer words do not fit on a phone." : "",
    accent: value("accent") && !/^#[\da-f]{6}$/i.test(value("accent")) ? "Please write a colour as # and six digits or letters from a to f, such as #17594f." : "",
    "start-questions":
      lines.length > 4 ? "Please give four questions at most."
      : lines.some((line) => line.length > 90) ? "Please keep each question to 90 letters."
      : lines.some((line) => line.includes("|")) ? "Please leave out the sign |, which parts the questions in the tag."
      : "",
    site: value("site") && !address(value("site")) ? "Please give the whole address, beginning with https://." : "",
    door: address(value("door")) ? "" : "Please give Marrow's whole address, beginning with https://.",
  };
}

/** The attributes that were chosen, without those that are left as they are. */
function chosen() {
  const found = {};
  for (const name of ATTRIBUTES) {
    const said = name === "open" ? (form.elements.open.checked ? "true" : "") : name === "start-questions" ? questions().join("|") : value(name);
    if (said) found[name] = said;
  }
  return found;
}

function write() {
  const wrong = problems();
  for (const [name, text] of Object.entries(wrong)) {
    const place = document.querySelector(`#${name}-bad`);
    if (place.textContent !== text) place.textContent = text;
    form.elements[name].setAttribute("aria-invalid", `${!!text}`);
  }
  const good = Object.values(wrong).every((text) => !text);
  for (const button of document.querySelectorAll("[data-copy]")) button.disabled = !good;
  for (const told of document.querySelectorAll(".told")) told.textContent = "";
  if (!good) return;
  const door = address(value("door"));
  const base = door.origin + door.pathname.replace(/\/*$/, "/");
  const site = value("site") ? address(value("site")).origin : "https://www.your-hospital.example";
  const data = Object.entries(chosen()).map(([name, said]) => `\n  data-${name}="${escaped(said)}"`).join("");
  document.querySelector("#tag").textContent = `<script src="${escaped(base)}widget.js" defer${data}></` + "script>";
  document.querySelector("#origin").textContent = `MARROW_ALLOWED_ORIGINS=${site}`;
  document.querySelector("#policy").textContent = ["script-src", "connect-src", "style-src"].map((name) => `${name} ${door.origin};`).join(" ");
  clearTimeout(write.later);
  write.later = setTimeout(show, PREVIEW_AFTER_MS);
}

/** Puts the widget on the stage anew: it reads its attributes when it comes. */
function show() {
  const data = Object.fromEntries(Object.entries(chosen()).map(([name, said]) => [name.replace(/-(\w)/g, (_, letter) => letter.toUpperCase()), said]));
  const key = JSON.stringify(data);
  if (show.last === key) return;
  show.last = key;
  const chat = document.createElement("marrow-chat");
  Object.assign(chat.dataset, data);
  for (const old of document.querySelectorAll("marrow-chat")) {
    if (old.shadowRoot.querySelector("dialog[open]")) chat.dataset.open = ""; // stays open while one chooses
    old.remove();
  }
  stage.append(chat);
}

async function copy(button) {
  const told = button.parentElement.querySelector(".told");
  const code = document.querySelector(`#${button.dataset.copy}`);
  try {
    await navigator.clipboard.writeText(code.textContent);
    told.textContent = "Copied.";
  } catch {
    getSelection().selectAllChildren(code); // the reader can copy it by hand
    told.textContent = "It is marked: copy it with Ctrl+C or ⌘C.";
  }
}

async function begin() {
  form.elements.door.value = location.origin;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", ({ target }) => {
    if (target.name === "picker") form.elements.accent.value = target.value;
    else if (target.name === "accent" && /^#[\da-f]{6}$/i.test(target.value)) form.elements.picker.value = target.value.toLowerCase();
    write();
  });
  for (const button of document.querySelectorAll("[data-copy]")) button.addEventListener("click", () => copy(button));
  await customElements.whenDefined("marrow-chat");
  write();
  try {
    const { languages } = await (await fetch("/api/v1/config")).json();
    for (const tag of languages) {
      const option = new Option(`${new Intl.DisplayNames([tag], { type: "language" }).of(tag)} (${tag})`, tag);
      option.lang = tag;
      form.elements.language.append(option);
    }
  } catch {} // the page's own language stays
}

begin();
