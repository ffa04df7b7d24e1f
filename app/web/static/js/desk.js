// The interpreter's editor: drafts only when something changed, the time that is left, one key to confirm.
const SOON = 120;

export function start(form) {
  const box = form.querySelector("textarea[name=text]");
  const drafts = document.getElementById("draft-state");
  let saved = snapshot(form);

  // htmx asks every five seconds; let through only what is new.
  drafts?.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target !== drafts) return;
    if (snapshot(form) === saved) event.preventDefault();
    else drafts.pendingText = snapshot(form);
  });
  drafts?.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful) saved = drafts.pendingText ?? saved;
  });

  // The first press shows what the checks found; the second, with nothing changed, accepts it.
  const shown = snapshot(form);
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    const accept = snapshot(form) === shown ? form.querySelector("button[name=accept_warnings]") : null;
    form.requestSubmit(accept ?? form.querySelector("button[data-confirm]"));
  });

  // Nothing typed is lost by closing the page by mistake.
  let isLeaving = false;
  form.addEventListener("submit", () => (isLeaving = true));
  addEventListener("beforeunload", (event) => {
    if (!isLeaving && snapshot(form) !== saved) event.preventDefault();
  });

  for (const button of document.querySelectorAll("[data-insert]")) {
    button.hidden = false;
    button.addEventListener("click", () => insert(box, button.dataset.insert));
  }

  setInterval(showTimeLeft, 1000);
  showTimeLeft();
  box?.focus({ preventScroll: true });
}

// At the cursor, or instead of what is selected; the browser's own undo takes it back.
function insert(box, text) {
  box.focus();
  if (!document.execCommand("insertText", false, text)) box.setRangeText(text, box.selectionStart, box.selectionEnd, "end");
}

const snapshot = (form) => [...form.querySelectorAll("textarea, input[type=text]")].map((field) => field.value).join("\0");

function showTimeLeft() {
  const lease = document.querySelector("[data-expires]");
  if (!lease) return;
  const left = Math.max(0, Math.round((Date.parse(lease.dataset.expires) - Date.now()) / 1000));
  lease.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  lease.classList.toggle("soon", left <= SOON);
}
