// What is cut off in a row can be read: the whole of it is its title while the pointer is on it.

addEventListener("pointerover", (e) => {
  const row = e.target instanceof Element ? e.target.closest<HTMLElement>(".trunc") : null;
  if (!row || (row.title !== "" && row.dataset.cut === undefined)) return; // it has a title of its own
  row.dataset.cut = "";
  row.title = row.scrollWidth > row.clientWidth ? (row.textContent ?? "") : "";
});
