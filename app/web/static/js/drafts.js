// What was typed survives a reload and a killed tab, on this device only.
import { account, clear, load, save } from "./store.js";

const nameOf = (form) => `draft:${account()}:${form.dataset.draft}`;
const boxOf = (form) => form.querySelector("textarea");

export function keepDrafts() {
  for (const form of document.querySelectorAll("form[data-draft]")) {
    const box = boxOf(form);
    if (!box) continue;
    if (!box.value) box.value = load(nameOf(form));
    let timer = 0;
    const keep = () => save(nameOf(form), box.value);
    box.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(keep, 300);
    });
    addEventListener("pagehide", () => {
      if (timer) keep();
    });
    form.addEventListener("draft:done", () => {
      clearTimeout(timer);
      timer = 0;
      save(nameOf(form), "");
    });
  }
}

export const forgetEverything = clear;
