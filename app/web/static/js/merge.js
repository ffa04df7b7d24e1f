// Puts fetched posts into the page: new ones in their place, changed ones where they stand, gone ones out; without moving
// what is being read, the focus, or what was opened.

const numberOf = (post) => Number(post.id.replace("post-", ""));
const FOCUSABLE = "a[href], button, summary, input, textarea, select";

export function mergePosts(log, nodes) {
  const anchor = findAnchor();
  const before = anchor?.getBoundingClientRect().top;
  const anchorId = anchor?.id;
  let updated = 0;
  for (const node of nodes) {
    const old = document.getElementById(node.id);
    if (node.hasAttribute("data-gone")) old?.remove();
    else if (!old) insert(log, node);
    else if (old.dataset.change !== node.dataset.change) {
      replace(log, old, node);
      updated += 1;
    }
  }
  const kept = anchorId && document.getElementById(anchorId);
  if (kept) scrollBy(0, kept.getBoundingClientRect().top - before);
  return { updated };
}

// The message in the middle of the screen is what is being read.
function findAnchor() {
  return document.elementFromPoint(innerWidth / 2, innerHeight / 2)?.closest(".post[id]") ?? null;
}

function insert(log, node) {
  const post = document.adoptNode(node);
  const next = [...log.querySelectorAll(":scope > .post")].find((other) => numberOf(other) > numberOf(post));
  post.classList.add("fresh");
  log.insertBefore(post, next ?? null);
}

function replace(log, old, node) {
  const post = document.adoptNode(node);
  const focused = [...old.querySelectorAll(FOCUSABLE)].indexOf(document.activeElement);
  const opened = [...old.querySelectorAll("details")].map((details) => details.open);
  // A log reads out what is added; a translation that takes the place of a text is not a new message.
  log.setAttribute("aria-live", "off");
  old.className = post.className;
  old.dataset.change = post.dataset.change;
  old.replaceChildren(...post.childNodes);
  old.querySelectorAll("details").forEach((details, index) => {
    if (opened[index]) details.open = true;
  });
  if (focused >= 0) [...old.querySelectorAll(FOCUSABLE)][focused]?.focus({ preventScroll: true });
  setTimeout(() => log.removeAttribute("aria-live"), 1000);
}
