// New emails appear by themselves, arrows walk through the list, and what
// has not been read is bold. Everything else works without this file.
(() => {
  "use strict";

  const main = () => document.querySelector("main");
  const rows = () => [...document.querySelectorAll("#emails a")];

  // What was read is remembered per life of the mailbox: after a restart the
  // same numbers belong to other emails.
  const key = "latchkey-sandbox-read";
  function remembered() {
    try {
      const kept = JSON.parse(localStorage.getItem(key));
      if (kept && kept.life === main().dataset.life) return new Set(kept.read);
    } catch {
      // Storage is off or not ours: then every email is new.
    }
    return new Set();
  }

  function markRead() {
    const read = remembered();
    if (main().dataset.open) read.add(main().dataset.open);
    const here = new Set(rows().map((row) => row.dataset.id));
    const kept = [...read].filter((id) => here.has(id));
    try {
      localStorage.setItem(key, JSON.stringify({ life: main().dataset.life, read: kept }));
    } catch {
      // Not remembered, then; the emails are all the same.
    }
    for (const row of rows()) row.classList.toggle("unread", !read.has(row.dataset.id));
  }

  // refresh takes the list from a fresh copy of this very view, and leaves
  // the open email and the focus where they are.
  async function refresh() {
    const known = new Set(rows().map((row) => row.dataset.id));
    const answer = await fetch(main().dataset.at);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const focused = document.activeElement?.dataset?.id;
    if (fresh.querySelector("main").dataset.open === main().dataset.open && main().dataset.open) {
      document.getElementById("emails").replaceWith(fresh.getElementById("emails"));
    } else {
      main().replaceWith(fresh.querySelector("main"));
      document.title = fresh.title;
    }
    if (focused)
      rows()
        .find((row) => row.dataset.id === focused)
        ?.focus();
    markRead();
    const arrived = rows().filter((row) => !known.has(row.dataset.id));
    if (arrived.length > 0) {
      document.getElementById("said").textContent =
        arrived.length === 1
          ? `New email: ${arrived[0].querySelector(".line").textContent}`
          : `${arrived.length} new emails`;
    }
  }

  let running = false;
  let again = false;
  async function news() {
    if (running) {
      again = true;
      return;
    }
    running = true;
    do {
      again = false;
      await refresh().catch(() => {}); // The mailbox is gone; the stream asks again by itself.
    } while (again);
    running = false;
  }

  const stream = new EventSource("/api/news");
  stream.addEventListener("news", news);
  let opened = false;
  stream.addEventListener("open", () => {
    if (opened) news(); // What came while the line was down.
    opened = true;
  });

  document.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const list = rows();
    const at = list.indexOf(document.activeElement);
    if (!step || at < 0 || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    list[Math.min(Math.max(at + step, 0), list.length - 1)].focus();
  });

  markRead();
})();
