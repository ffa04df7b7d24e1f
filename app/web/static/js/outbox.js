// Sending that survives a bad connection: each text is stored with a key made at the tap, and sent with that key until
// the server has it. The server stores a key once, so a lost answer or a second tab can't make a second message.
import { account, languageOf, load, save, texts } from "./store.js";

const LONGEST_WAIT = 60_000;
let attempt = 0;
let timer = 0;

const boxName = () => `outbox:${account()}`;
const list = () => JSON.parse(load(boxName()) || "[]");
const store = (entries) => save(boxName(), entries.length ? JSON.stringify(entries) : "");
const drop = (key) => store(list().filter((entry) => entry.key !== key));
const formOf = (entry) => document.querySelector(`form[data-outbox][action="${CSS.escape(entry.url)}"]`);
const makeKey = () =>
  crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");

export function startOutbox() {
  for (const form of document.querySelectorAll("form[data-outbox]")) {
    form.addEventListener("submit", (event) => {
      if (event.submitter?.hasAttribute("formaction")) return; // asks for something else than sending
      event.preventDefault();
      enqueue(form);
    });
  }
  addEventListener("online", () => flush(true));
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && flush(true));
  showPending();
  flush(true);
}

function enqueue(form) {
  const fields = [...new FormData(form)].filter(([name]) => name !== "csrf_token" && name !== "key");
  store([...list(), { key: makeKey(), url: form.getAttribute("action"), mode: form.dataset.outbox, fields }]);
  form.dispatchEvent(new Event("draft:done"));
  if (form.dataset.outbox === "stay") {
    const box = form.querySelector("textarea");
    box.value = "";
    box.focus();
  }
  say(form, texts.sending);
  showPending();
  flush(true);
}

async function flush(isFresh = false) {
  clearTimeout(timer);
  if (isFresh) attempt = 0;
  const work = async (lock) => {
    if (lock === null) return;
    for (const entry of list()) {
      if (entry.failed) continue;
      const isDone = await send(entry).catch(() => false);
      if (!isDone) return retryLater(entry);
    }
  };
  if (navigator.locks) await navigator.locks.request("qiao-outbox", { ifAvailable: true }, work);
  else await work();
  showPending();
}

function retryLater(entry) {
  const wait = Math.min(LONGEST_WAIT, 1000 * 2 ** attempt++);
  timer = setTimeout(flush, wait * (0.7 + Math.random() * 0.6));
  say(formOf(entry), texts.waitingNetwork);
}

// True when the entry is settled, well or badly; false to try again later.
async function send(entry, isSecondTry = false) {
  if (account() === "guest") await becomeGuest(entry);
  const response = await post(entry.url, new URLSearchParams(entry.fields), { "Idempotency-Key": entry.key });
  if (response.ok) return settle(entry, (await response.json()).location);
  if (response.status >= 500 || response.status === 429 || response.status === 408) return false;
  if (response.status === 403 && !isSecondTry && (await renewToken())) return send(entry, true);
  const answer = await response.json().catch(() => ({}));
  return refuse(entry, Object.values(answer.errors ?? {}).join(" ") || answer.title || "");
}

function post(url, body, headers = {}) {
  const token = document.querySelector("input[name=csrf_token]")?.value ?? "";
  return fetch(url, { method: "POST", body, headers: { "X-CSRFToken": token, "X-Qiao-Fetch": "1", Accept: "application/json", ...headers } });
}

// An identity first: otherwise a question whose answer got lost would be asked again by a second guest.
async function becomeGuest() {
  const response = await post(`/${document.documentElement.lang}/guest`, new URLSearchParams());
  if (!response.ok) throw new Error("no guest");
  const answer = await response.json();
  const waiting = list();
  store([]);
  document.body.dataset.account = answer.account_id;
  store([...list(), ...waiting]);
  setToken(answer.csrf_token);
}

async function renewToken() {
  const response = await fetch(location.href);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  // Somebody else may have signed in meanwhile, in another tab: never send one person's text as another.
  if ((page.body.dataset.account || "guest") !== account()) return false;
  return setToken(page.querySelector("input[name=csrf_token]")?.value);
}

function setToken(token) {
  for (const input of document.querySelectorAll("input[name=csrf_token]")) input.value = token ?? "";
  return Boolean(token);
}

function settle(entry, address) {
  drop(entry.key);
  const form = formOf(entry);
  say(form, "");
  if (entry.mode === "go" && form) location.assign(address);
  // Nobody took it: the live part did not load on this connection, so the page itself is fetched.
  else if (dispatchEvent(new CustomEvent("qiao:sent", { cancelable: true }))) location.reload();
  return true;
}

function refuse(entry, reason) {
  const form = formOf(entry);
  if (!form) {
    store(list().map((other) => (other.key === entry.key ? { ...other, failed: reason } : other)));
    return true;
  }
  drop(entry.key);
  for (const [name, value] of entry.fields) {
    const field = form.elements.namedItem(name);
    if (field instanceof HTMLTextAreaElement && !field.value) field.value = value;
  }
  say(form, `${texts.notSent} ${reason}`);
  form.querySelector("textarea").focus();
  return true;
}

function say(form, text) {
  const status = form?.querySelector("[data-outbox-status]");
  if (!status) return;
  status.textContent = text;
  status.classList.toggle("visually-hidden", !text);
}

function showPending() {
  const place = document.getElementById("pending");
  if (!place) return;
  place.replaceChildren();
  for (const entry of list().filter((item) => item.mode === "stay" && formOf(item))) {
    const bubble = document.createElement("div");
    bubble.className = "post pending";
    const text = document.createElement("p");
    text.className = "text";
    text.dir = "auto";
    text.textContent = entry.fields.find(([name]) => name === "body")?.[1] ?? "";
    text.lang = languageOf(text.textContent) || document.documentElement.lang;
    bubble.append(text);
    place.append(bubble);
    if (entry.failed) refuse(entry, entry.failed);
  }
}
