// Everything here makes pages nicer; every page works without it.
import { keepDrafts, forgetEverything } from "./drafts.js";
import { startOutbox } from "./outbox.js";

const errors = document.querySelector("[data-focus]");
if (errors) errors.focus();

// Menus are <details>: one at a time, closed by Escape or a tap elsewhere.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    const hadFocus = menu.contains(document.activeElement);
    menu.open = false;
    if (hadFocus) menu.querySelector("summary").focus();
  }
});

// A shared phone must not show the next person what the last one wrote.
for (const form of document.querySelectorAll("[data-sign-out]")) form.addEventListener("submit", forgetEverything);

keepDrafts();
startOutbox();

const log = document.getElementById("thread");
if (log) import("./live.js").then((live) => live.start(log));

if (document.querySelector("[data-preview], [data-preview-box]")) import("./preview.js").then((preview) => preview.start());

const task = document.getElementById("task-form");
if (task) import("./desk.js").then((desk) => desk.start(task));
