// localStorage that never throws: it may be full, or switched off.
const memory = new Map();
export const PREFIX = "qiao:";

export function load(name) {
  try {
    return localStorage.getItem(PREFIX + name) ?? memory.get(name) ?? "";
  } catch {
    return memory.get(name) ?? "";
  }
}

export function save(name, value) {
  memory.set(name, value);
  try {
    if (value) localStorage.setItem(PREFIX + name, value);
    else localStorage.removeItem(PREFIX + name);
  } catch {
    // Kept in memory while the page is open.
  }
}

export function clear() {
  memory.clear();
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key);
  } catch {
    // Nothing was stored.
  }
}

export const account = () => document.body.dataset.account || "guest";
export const texts = document.getElementById("texts").dataset;

const SCRIPTS = [["km", /\p{Script=Khmer}/u], ["th", /\p{Script=Thai}/u], ["zh-Hant", /\p{Script=Han}/u]];

// The language that a script gives away, so that text made here is drawn and read out as it should be.
export const languageOf = (text) => SCRIPTS.find(([, script]) => script.test(text))?.[0] ?? "";

// A name inside other words: isolated, so that it can't turn them around.
export function nameNode(name) {
  const node = document.createElement("bdi");
  node.textContent = name;
  if (languageOf(name)) node.lang = languageOf(name);
  return node;
}
