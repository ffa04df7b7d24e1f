// A conversation that stays fresh. The socket is only a doorbell: what changed is fetched as HTML, in order and once.
import { nameNode, texts } from "./store.js";
import { mergePosts } from "./merge.js";

const POLL = 60_000;
const HIDDEN_FOR = 60_000;
const DOORBELLS = ["post.created", "post.updated", "post.withdrawn", "translation.updated"];

export function start(log) {
  const status = document.getElementById("status");
  let after = Number(log.dataset.after);
  let running = null;
  let isStale = false;

  async function fetchChanges() {
    let hasMore = true;
    while (hasMore) {
      const address = new URL(log.dataset.posts, location.href);
      address.searchParams.set("after", after);
      const response = await fetch(address, { headers: { "X-Qiao-Fetch": "1" } });
      if (!response.ok) return;
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const box = page.querySelector("[data-after]");
      if (!box) return;
      if (mergePosts(log, [...box.children]).updated) announce(status, texts.updated);
      after = Math.max(after, Number(box.dataset.after));
      hasMore = box.dataset.more === "true";
    }
    document.getElementById("more")?.remove();
  }

  // One fetch at a time; a ring during a fetch means one more.
  function refresh() {
    isStale = true;
    running ??= (async () => {
      while (isStale) {
        isStale = false;
        await fetchChanges().catch(() => {});
      }
      running = null;
    })();
  }

  addEventListener("qiao:sent", (event) => {
    event.preventDefault();
    refresh();
  });
  addEventListener("online", refresh);
  if (navigator.connection?.saveData) poll(refresh);
  else connect(log, () => after, refresh).catch(() => poll(refresh));
}

function announce(status, text) {
  const note = document.createElement("p");
  note.className = "visually-hidden";
  note.textContent = text;
  status.append(note);
  setTimeout(() => note.remove(), 5000);
}

function poll(refresh) {
  setInterval(() => document.visibilityState === "visible" && refresh(), POLL);
}

async function connect(log, lastChange, refresh) {
  const { io } = await import(log.dataset.socket);
  const thread = Number(log.dataset.thread);
  const socket = io({ transports: ["websocket", "polling"], reconnectionDelayMax: 30_000 });
  socket.on("connect", () => {
    const wish = { thread_id: thread, language: log.dataset.language, after: lastChange() };
    socket.emit("thread.join", wish, (answer) => {
      if (!answer?.ok) return;
      if (answer.posts?.length) refresh();
      showPeople(answer.presence);
    });
  });
  // Spread a busy thread's readers over a moment, so that they don't all fetch at once.
  for (const name of DOORBELLS) socket.on(name, () => setTimeout(refresh, Math.random() * 150));
  socket.on("presence.updated", (event) => showPeople(event?.people));
  socket.on("typing", (event) => showTyping(event?.person?.display_name));
  sendTyping(socket, thread);

  let hidden = 0;
  document.addEventListener("visibilitychange", () => {
    clearTimeout(hidden);
    if (document.visibilityState === "hidden") hidden = setTimeout(() => socket.disconnect(), HIDDEN_FOR);
    else if (!socket.connected) {
      socket.connect();
      refresh();
    }
  });
}

function sendTyping(socket, thread) {
  let last = 0;
  document.querySelector("#composer textarea")?.addEventListener("input", () => {
    if (Date.now() - last < 3000) return;
    last = Date.now();
    socket.emit("typing", { thread_id: thread });
  });
}

let typingTimer = 0;
function showTyping(name) {
  const line = document.getElementById("typing");
  if (!name || !line) return;
  const [before, after] = texts.typing.split("{name}");
  line.replaceChildren(before, nameNode(name), after ?? "");
  clearTimeout(typingTimer);
  typingTimer = setTimeout(() => line.replaceChildren(), 5000);
}

function showPeople(people) {
  const place = document.getElementById("people");
  if (!place || !Array.isArray(people)) return;
  const others = people.filter((person) => String(person.id) !== document.body.dataset.account);
  place.hidden = others.length === 0;
  place.replaceChildren(texts.people, ...others.flatMap((person) => [" ", nameNode(person.display_name)]));
}
