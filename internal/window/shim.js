// Stands in for what Wails puts into the page: calls, events, and what only a
// browser can do here.
(() => {
  const call = (name) => async (...args) => {
    const answer = await fetch("/wails/call/" + name, {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(args),
    });
    if (!answer.ok) throw new Error(await answer.text());
    const message = await answer.json();
    if (message.error) throw new Error(message.error);
    return message.result;
  };
  const path = (parts) => new Proxy(function () {}, {
    get: (_, key) => path([...parts, key]),
    apply: (_, __, args) => call(parts.join("."))(...args),
  });
  window.go = path([]);

  const listeners = {};
  const on = (name, callback) => {
    (listeners[name] ??= new Set()).add(callback);
    return () => listeners[name].delete(callback);
  };
  const fire = (name, ...data) => { for (const callback of [...(listeners[name] ?? [])]) callback(...data); };
  window.runtime = { EventsOn: on, EventsOff: (name) => { delete listeners[name]; }, EventsEmit: fire };

  const source = new EventSource("/wails/events");
  let opened = false;
  source.onopen = () => { if (opened) fire("window:again"); opened = true; };
  source.onmessage = (event) => { const message = JSON.parse(event.data); fire(message.name, ...(message.data ?? [])); };

  on("window:copy", (text) => { navigator.clipboard?.writeText(text).catch(() => {}); });
  on("window:browse", (address) => { window.open(address, "_blank", "noopener"); });
  on("window:notify", (note) => {
    if (window.Notification?.permission === "granted") {
      const shown = new Notification(note.title, { body: note.body, tag: note.id });
      shown.onclick = () => { window.focus(); fire("window:clicked", note.id); };
    }
  });
})();
