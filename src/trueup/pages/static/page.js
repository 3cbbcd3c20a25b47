/* Adds to a page that works without it: a note on each day's bar, and a refresh that keeps the reader's place. */
"use strict";

(() => {
  const PERIOD_MS = 20000;
  const DAY_MS = 86400000;

  const dayName = (first, index) =>
    new Date(Date.parse(first) + index * DAY_MS).toLocaleDateString("en-GB", {
      weekday: "short", day: "numeric", month: "short", year: "numeric", timeZone: "UTC",
    });

  /* data-notes holds one note a day, separated by "|": empty for a whole day, "-" before the first check. */
  const noteAt = (bars, clientX) => {
    const svg = bars.querySelector("svg");
    const notes = bars.dataset.notes.split("|");
    const box = svg.getBoundingClientRect();
    const index = Math.floor(((clientX - box.left) / box.width) * notes.length);
    if (index < 0 || index >= notes.length) return null;
    const text = notes[index] === "-" ? "not watched yet" : (notes[index] || "100\u00a0%").replaceAll(", ", "\n");
    return { text: dayName(document.getElementById("page").dataset.first, index) + "\n" + text, left: clientX - box.left, width: box.width };
  };

  const hide = () => document.querySelectorAll(".tip").forEach((tip) => tip.remove());

  const show = (bars, clientX) => {
    const note = noteAt(bars, clientX);
    if (!note) return hide();
    let tip = bars.querySelector(".tip");
    if (!tip) {
      hide();
      tip = document.createElement("div");
      tip.className = "tip";
      tip.setAttribute("aria-hidden", "true"); // the table below says the same in words
      bars.append(tip);
    }
    tip.textContent = note.text;
    const half = tip.offsetWidth / 2;
    tip.style.left = Math.max(0, Math.min(note.left - half, note.width - 2 * half)) + "px";
  };

  document.addEventListener("pointermove", (event) => {
    const svg = event.target instanceof Element && event.target.closest(".bars svg");
    if (svg) show(svg.parentElement, event.clientX);
    else hide();
  });
  document.addEventListener("pointerdown", (event) => {
    const svg = event.target instanceof Element && event.target.closest(".bars svg");
    if (svg) show(svg.parentElement, event.clientX);
  });

  const take = (fresh) => {
    const open = [...document.querySelectorAll("details[open]")].map((each) => each.dataset.keep);
    const next = fresh.getElementById("page");
    if (!next) return;
    next.querySelectorAll("details").forEach((each) => { each.open = open.includes(each.dataset.keep); });
    document.getElementById("page").replaceWith(document.adoptNode(next));
    document.title = fresh.title;
  };

  const refresh = async () => {
    if (document.hidden || document.querySelector(".tip") || document.getSelection().toString()) return;
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (answer.ok) take(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch { /* offline: the page says as of when it is */ }
  };

  setInterval(refresh, PERIOD_MS);
  document.addEventListener("visibilitychange", refresh);
})();
