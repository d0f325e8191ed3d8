// Everything here is a nicety: each page does its work without it.
(() => {
  "use strict";
  const all = (query, within = document) => [...within.querySelectorAll(query)];
  // Sentences come with the page; what stands in them in {braces} is known here.
  const fill = (text, values) => text.replace(/{(\w+)}/g, (_, name) => values[name]);

  // A tablet that says it is a Macintosh has touch points; the relay reads this.
  if (navigator.maxTouchPoints > 1 && /Macintosh/.test(navigator.userAgent)) {
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = "touch=1; path=/; max-age=86400; SameSite=Lax" + secure;
  }

  // Copy buttons are hidden without script.
  for (const button of all("[data-copy]")) {
    button.hidden = false;
    const label = button.querySelector("[data-label]");
    const before = label.textContent;
    button.addEventListener("click", async () => {
      const field = document.getElementById(button.dataset.copy);
      const text = field ? (field.value ?? field.dataset.value ?? field.textContent) : location.href;
      let copied = true;
      try {
        await navigator.clipboard.writeText(text);
      } catch {
        const area = document.createElement("textarea");
        area.value = text;
        document.body.append(area);
        area.select();
        copied = document.execCommand("copy");
        area.remove();
        button.focus();
      }
      label.textContent = copied ? label.dataset.copied : label.dataset.failed;
      setTimeout(() => { label.textContent = before; }, 2500);
    });
  }

  for (const button of all("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }

  // The key is dotted out, and shown on request. It is never a password field.
  for (const box of all("[data-key]")) {
    const button = box.querySelector("button");
    const label = button.textContent;
    const show = (shown) => {
      box.classList.toggle("key-field--hidden", !shown);
      button.textContent = shown ? button.dataset.hide : label;
      button.setAttribute("aria-pressed", String(shown));
    };
    button.hidden = false;
    button.addEventListener("click", () => show(box.classList.contains("key-field--hidden")));
    show(false);
  }

  // The lists of assets: search as you type, count as you tick.
  // Folded as internal/collation does: what is searched for without script is found there.
  const strokes = { æ: "ae", đ: "d", ð: "d", ħ: "h", ł: "l", œ: "oe", ø: "o", ς: "σ" };
  const marks = /(?![\u3099\u309a])(?:(?=\p{Mn})[\p{sc=Inherited}\p{sc=Hebrew}\p{sc=Arabic}]|[\p{Cf}\p{DI}])/gu;
  const squeezed = (text) => text.normalize("NFKD").replace(marks, "").toLowerCase().toUpperCase().toLowerCase()
    .replace(/[æđðħłœøς]/g, (char) => strokes[char]).normalize("NFC").replace(/\s+/g, "");
  const lists = all("[data-list]");
  const sum = document.getElementById("sum");
  const beside = document.querySelector("[data-ticked]"); // asks for a tick
  const tickFirst = beside?.textContent;
  const counts = () => {
    const parts = [];
    for (const list of lists) {
      const boxes = all("input[type=checkbox]", list);
      const chosen = boxes.filter((box) => box.checked).length;
      const count = list.querySelector("[data-count]");
      count.textContent = !chosen && count.dataset.count || fill(list.dataset.chosen, { number: chosen });
      if (chosen) parts.push(fill(chosen === 1 ? list.dataset.one : list.dataset.many, { number: chosen }));
    }
    if (beside) beside.textContent = parts.length ? beside.dataset.ticked : tickFirst;
    if (!sum) return;
    const last = parts.pop() || sum.dataset.none;
    const names = parts.join(sum.dataset.between);
    sum.textContent = names ? fill(sum.dataset.pair, { names, last }) : last;
  };
  for (const list of lists) {
    const field = list.querySelector("input[type=search]");
    const rows = all(".asset-list__rows > li:not(.asset-list__empty)", list)
      .map((row) => [row, squeezed(row.textContent)]);
    const none = document.createElement("li");
    none.className = "asset-list__empty";
    none.hidden = true;
    list.querySelector(".asset-list__rows").append(none);
    const filter = () => {
      const query = squeezed(field.value);
      let shown = 0;
      for (const [row, text] of rows) {
        row.hidden = !text.includes(query); // a hidden tick still counts, and is sent
        if (!row.hidden) shown++;
      }
      none.hidden = shown > 0 || rows.length === 0;
      none.textContent = fill(list.dataset.noMatch, { query: field.value.trim() });
    };
    if (!field.hasAttribute("data-found")) {
      field.addEventListener("input", filter);
      field.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
    }
    list.addEventListener("change", counts);
  }
  // Back and forward restore ticks after this has run.
  if (lists.length) addEventListener("pageshow", counts);

  // A dialog closes with Esc too, and by a click beside it.
  for (const scrim of all(".scrim")) {
    const close = scrim.querySelector(".dialog > a");
    addEventListener("keydown", (event) => { if (event.key === "Escape") close.click(); });
    scrim.addEventListener("click", (event) => { if (event.target === scrim) close.click(); });
  }

  // A page that waits looks again by itself, but not under somebody's hands.
  const again = Number(document.body.dataset.again || 0) * 1000;
  if (again) {
    setInterval(() => {
      const busy = document.activeElement && document.activeElement.matches("input, textarea");
      if (!document.hidden && !busy) location.reload();
    }, again);
  }

  // A double click sends a form once, and its button says that it is at work.
  // Coming back to the page frees it.
  for (const form of all("form[method=post]")) {
    const free = () => {
      delete form.dataset.sent;
      for (const field of form.elements) field.removeAttribute("aria-busy"); // a button can stand elsewhere
    };
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = "1";
      event.submitter?.setAttribute("aria-busy", "true");
      setTimeout(free, 4000);
    });
    addEventListener("pageshow", free);
  }
})();
