// "See how it will read": asked for beside the text, shown below it, polled while a machine is at it.
const PAUSE = 1000;
const PATIENCE = 60;
const HEADERS = { "X-Qiao-Fetch": "1" };

export function start() {
  for (const button of document.querySelectorAll("button[data-preview]")) {
    button.addEventListener("click", (event) => ask(event, button));
    // What was previewed is sent, or is another text by now.
    for (const kind of ["draft:done", "input"]) button.form.addEventListener(kind, () => clear(button.form));
  }
  for (const box of document.querySelectorAll("[data-preview-box]:has([data-poll])")) poll(box).catch(() => {});
}

async function ask(event, button) {
  const form = button.form;
  const box = form.querySelector("[data-preview-box]");
  if (!box || !form.querySelector("textarea")?.value.trim()) return;
  event.preventDefault();
  button.disabled = true;
  box.hidden = false;
  try {
    await show(box, await fetch(button.formAction, { method: "POST", body: new FormData(form), headers: HEADERS }));
    await poll(box);
  } catch {
    // No connection, or an answer that is no preview: the page of its own says so.
    form.requestSubmit(button);
  } finally {
    button.disabled = false;
  }
}

function clear(form) {
  const box = form.querySelector("[data-preview-box]");
  if (!box || box.hidden) return;
  box.hidden = true;
  box.replaceChildren();
}

async function poll(box) {
  for (let tries = 0; tries < PATIENCE; tries++) {
    const address = box.querySelector("[data-poll]")?.dataset.poll;
    if (!address) return;
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    await show(box, await fetch(address, { headers: HEADERS }));
  }
}

async function show(box, response) {
  const text = await response.text();
  if (!response.headers.get("Content-Type")?.startsWith("text/html")) throw new Error(String(response.status));
  box.innerHTML = text;
}
