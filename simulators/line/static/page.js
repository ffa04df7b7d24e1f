"use strict";
// Everything a user or the bot wrote goes into the page as textContent, never as markup.

const $ = (id) => document.getElementById(id);
let current = null;
let drawn = "";

function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

async function call(path, body) {
  const options = body === undefined ? {} :
    { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const answer = await fetch("/page/users" + path, options);
  if (!answer.ok) throw new Error("HTTP " + answer.status);
  return answer.json();
}

function complain(text) {
  $("failure").hidden = !text;
  $("failure").textContent = text ? "The bot did not take it: " + text : "";
}

async function act(doing, body) {
  try {
    complain((await call("/" + current + "/" + doing, body || {})).failure);
  } catch (error) {
    complain(error.message);
  }
  await refresh();
}

// --- actions ---

function button(action, messageId, quick, index) {
  const element = make("button", "", action.label || action.text || action.type);
  element.type = "button";
  element.addEventListener("click", () => {
    const uri = action.uri || "";
    if (action.type === "uri") {
      if (/^https?:/i.test(uri)) window.open(uri, "_blank", "noopener");
      else complain("only http and https links open here");
    } else if (action.type === "postback" || action.type === "message") {
      act("tap", { messageId, quick, index });
    } else if (action.type === "clipboard") {
      navigator.clipboard.writeText(action.clipboardText);
    } else {
      complain("this page cannot do: " + action.type);
    }
  });
  return element;
}

// --- messages ---

// The actions of a message's buttons, each with its number, in the order in which the simulator lists them.
function numberActions(value, numbers) {
  if (Array.isArray(value)) {
    for (const each of value) numberActions(each, numbers);
  } else if (value !== null && typeof value === "object") {
    for (const [key, each] of Object.entries(value)) {
      if (key === "action" || key === "defaultAction") numbers.set(each, numbers.size);
      else if (key === "actions") for (const action of each) numbers.set(action, numbers.size);
      else numberActions(each, numbers);
    }
  }
  return numbers;
}

function drawComponent(part, into, draw) {
  if (part.type === "box") {
    const box = make("div", part.layout === "vertical" ? "column" : "row");
    for (const child of part.contents || []) drawComponent(child, box, draw);
    into.append(box);
  } else if (part.type === "text") {
    const text = part.text || (part.contents || []).map((span) => span.text || "").join("");
    const small = ["xxs", "xs", "sm"].includes(part.size);
    into.append(make("p", (part.weight === "bold" ? "bold " : "") + (small ? "small" : ""), text));
  } else if (part.type === "separator") {
    into.append(make("hr"));
  }
  if (part.action) {
    const element = draw(part.action);
    if (part.style === "primary") element.classList.add("primary");
    into.append(element);
  }
}

function drawBubble(bubble, into, draw) {
  const card = make("div", "card");
  for (const key of ["header", "hero", "body", "footer"]) {
    if (!bubble[key]) continue;
    const block = make("div", "block");
    drawComponent(bubble[key], block, draw);
    card.append(block);
  }
  if (bubble.action) card.append(draw(bubble.action));
  into.append(card);
}

function drawTemplate(template, into, draw) {
  for (const panel of template.columns || [template]) {
    const block = make("div", "card block");
    if (panel.title) block.append(make("p", "bold", panel.title));
    if (panel.text) block.append(make("p", "", panel.text));
    for (const action of [panel.defaultAction, panel.action, ...(panel.actions || [])]) {
      if (action) block.append(draw(action));
    }
    into.append(block);
  }
}

function drawPayload(entry, into) {
  const { quickReply, ...payload } = entry.payload;
  const numbers = numberActions(payload, new Map());
  const draw = (action) => button(action, entry.messageId, false, numbers.get(action));
  if (entry.unsent) {
    into.append(make("div", "bubble gone", "Message unsent"));
  } else if (payload.type === "flex") {
    const bubbles = payload.contents.type === "carousel" ? payload.contents.contents : [payload.contents];
    for (const bubble of bubbles) drawBubble(bubble, into, draw);
  } else if (payload.type === "template") {
    drawTemplate(payload.template, into, draw);
  } else {
    into.append(make("div", "bubble", payload.text || "[" + payload.type + "]"));
  }
}

function drawEntry(entry) {
  const line = make("li", entry.outgoing ? "bot" : "");
  drawPayload(entry, line);
  const meta = make("div", "meta", new Date(entry.at).toLocaleTimeString() + (entry.outgoing ? " · " + entry.via : ""));
  if (!entry.outgoing && !entry.unsent && entry.payload.type !== "displayText") {
    const unsend = make("button", "", "Unsend");
    unsend.type = "button";
    unsend.addEventListener("click", () => act("unsend", { messageId: entry.messageId }));
    meta.append(unsend);
  }
  line.append(meta);
  return line;
}

function drawChat(chat) {
  $("name").textContent = chat.name + (chat.friend ? "" : " · " + standing(chat));
  $("follow").hidden = chat.friend;
  $("block").hidden = !chat.friend;
  $("loading").hidden = !chat.loading;
  const state = JSON.stringify([chat.userId, chat.entries, chat.quickReplies]);
  if (state === drawn) return;
  drawn = state;
  $("chat").replaceChildren(...chat.entries.map(drawEntry));
  const last = chat.entries[chat.entries.length - 1];
  $("quick").replaceChildren(...chat.quickReplies.map((action, index) => button(action, last.messageId, true, index)));
  $("chat").scrollTop = $("chat").scrollHeight;
}

// --- users ---

function standing(user) {
  return user.friendship === "never" ? "not a friend yet" : user.friendship;
}

let listed = "";
function drawUsers(users) {
  const state = JSON.stringify([users, current]);
  if (state === listed) return;
  listed = state;
  const focused = document.activeElement && document.activeElement.dataset.user;
  $("users").replaceChildren(...users.map((user) => {
    const element = make("button", "", user.name);
    element.type = "button";
    element.dataset.user = user.userId;
    element.setAttribute("aria-current", String(user.userId === current));
    element.append(make("small", "", user.last || standing(user)));
    element.addEventListener("click", () => { open(user.userId); });
    const item = make("li");
    item.append(element);
    return item;
  }));
  if (focused) {
    const again = [...document.querySelectorAll("#users button")].find((each) => each.dataset.user === focused);
    if (again) again.focus();
  }
}

function open(userId) {
  current = userId;
  drawn = "";
  complain("");
  document.body.classList.add("open");
  refresh();
}

async function refresh() {
  const users = await call("");
  drawUsers(users);
  $("say").hidden = current === null;
  if (current !== null) drawChat(await call("/" + current));
}

$("back").addEventListener("click", () => document.body.classList.remove("open"));
$("follow").addEventListener("click", () => act("follow"));
$("block").addEventListener("click", () => act("block"));
$("sticker").addEventListener("click", () => act("sticker"));
$("create").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const user = await call("", { name: form.elements.name.value, language: form.elements.language.value });
  form.reset();
  open(user.userId);
});
$("say").addEventListener("submit", (event) => {
  event.preventDefault();
  const box = event.target.elements.text;
  const text = box.value;
  box.value = "";
  if (text.trim()) act("say", { text });
});
$("say").elements.text.addEventListener("keydown", (event) => {
  // Enter while an input method is composing chooses a word; it does not send.
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    $("say").requestSubmit();
  }
});

async function poll() {
  try {
    await refresh();
  } catch (error) {
    complain(error.message);
  }
  setTimeout(poll, 1000);
}
poll();
