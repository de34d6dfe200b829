"use strict";

const annotator = document.body.dataset.annotator;
const $ = (id) => document.getElementById(id);
const labelButtons = [...document.querySelectorAll(".label")];
const hardOnes = new Map(); // what h has said of sentences whose answer does not say it yet
let view = null;
let isBusy = false;
let showsSuggestion = true;

// What the server is asked. While it does not answer, the same is sent again: its token keeps it from counting twice.

async function ask(path, body) {
  const post = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  for (let tries = 1; ; tries += 1) {
    try {
      const answer = await fetch(path, body && post);
      const text = await answer.text();
      return { ...parsed(text, answer.status), status: answer.status, tries };
    } catch {
      const kept = body && "label" in body ? ` Your answer (${body.label}) waits here, and is sent when it is back.` : "";
      say(`The server does not answer. Is it still running?${kept}`, "bad");
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

function parsed(text, status) {
  try {
    return JSON.parse(text);
  } catch {
    return { error: `The server failed (${status}): what it printed says why. Nothing is lost; try again.` };
  }
}

async function once(action) {
  if (isBusy) return;
  isBusy = true;
  try {
    await action();
  } finally {
    isBusy = false;
  }
}

async function load(sentence, note) {
  const query = new URLSearchParams(sentence ? { annotator, sentence } : { annotator });
  const found = await ask(`/view?${query}`);
  if (found.status === 200) show(found, note);
  else say(found.error, "bad");
}

async function answer(label, stay = false) {
  const { shown } = view;
  if (!shown) return;
  const button = labelButtons.find((each) => each.dataset.label === label);
  button.classList.add("pressed");
  const body = {
    annotator, sentence_id: shown.id, label, is_hard: isHard(), revision: shown.answer?.revision ?? "", token: token(), stay,
  };
  const found = await ask("/answer", body);
  button.classList.remove("pressed");
  if (found.status === 200 || stay) hardOnes.delete(shown.id);
  if (found.status === 200) {
    show(found);
  } else if (found.status === 409) {
    const now = found.view.shown.answer;
    const isMine = found.tries > 1 && now?.label === label && now.is_hard === body.is_hard;
    if (isMine) await load(); // it was written before the server went
    else show(found.view, [found.error, "warn"]);
  } else {
    say(found.error, "bad");
  }
}

async function skip() {
  if (!view.shown) return;
  if (view.shown.answer) return load();
  const { id } = view.shown;
  const found = await ask("/skip", { annotator, sentence_id: id });
  if (found.status !== 200) return say(found.error, "bad");
  show(found, found.shown?.id === id ? ["It is the only one left.", ""] : ["Skipped: it comes back after all others.", ""]);
}

async function toggleHard() {
  if (!view.shown) return;
  hardOnes.set(view.shown.id, !isHard());
  if (view.shown.answer) return answer(view.shown.answer.label, true);
  drawHard();
}

async function goBack() {
  if (view.earlier) return load(view.earlier);
  say(view.n_answered ? "This is your first answer." : "You have not answered any yet.", "");
}

async function goOn() {
  if (view.shown?.answer) return load(view.later);
}

function token() {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// What is shown.

function show(found, note) {
  const isAnother = found.shown?.id !== view?.shown?.id;
  view = found;
  const { shown } = view;
  $("work").hidden = !shown;
  $("done").hidden = Boolean(shown);
  drawProgress();
  if (shown) drawSentence(shown);
  else drawDone();
  if (isAnother) window.scrollTo(0, 0);
  say(...(note ?? standing()));
}

function say(text, kind) {
  $("note").textContent = text;
  $("note").className = `note ${kind}`;
}

function standing() {
  const given = view.shown?.answer;
  if (!given) return ["", ""];
  return [`Your answer: ${given.label}${given.is_hard ? ", hard" : ""}. Another label changes it; → goes on.`, ""];
}

function isHard() {
  return hardOnes.get(view.shown.id) ?? view.shown.answer?.is_hard ?? false;
}

function drawProgress() {
  $("progress").value = view.n_answered;
  $("count").textContent = `${view.n_answered.toLocaleString("en")} of ${view.n_sentences.toLocaleString("en")}`;
  const skipped = view.n_skipped ? `${view.n_skipped.toLocaleString("en")} skipped` : "";
  const pace = view.pace === null ? "" : `${view.pace < 10 ? view.pace.toFixed(1) : Math.round(view.pace)} a minute`;
  $("pace").textContent = [pace, skipped].filter(Boolean).join(" · ");
}

function drawSentence(shown) {
  $("place").textContent = `${shown.document}, sentence ${shown.position}${shown.was_skipped ? " · skipped before" : ""}`;
  $("why").textContent = shown.why;
  $("before").textContent = shown.before;
  $("sentence").textContent = shown.text;
  $("sentence").classList.toggle("long", shown.text.length > 300);
  $("after").textContent = shown.after;
  for (const button of labelButtons) button.setAttribute("aria-pressed", button.dataset.label === shown.answer?.label);
  $("earlier").setAttribute("aria-disabled", !view.earlier);
  $("undo").setAttribute("aria-disabled", !view.earlier);
  $("later").setAttribute("aria-disabled", !shown.answer);
  drawSuggestion();
  drawHard();
}

function drawSuggestion() {
  const { suggestion, score } = view.shown;
  $("suggested").hidden = suggestion === null;
  const words = score === null ? suggestion : `${suggestion}, ${score.toFixed(2)}`;
  $("suggestion").textContent = showsSuggestion ? words : "hidden";
  $("hide").firstChild.data = showsSuggestion ? "Hide " : "Show ";
}

function drawHard() {
  $("hard").setAttribute("aria-pressed", isHard());
  $("hard").lastChild.data = isHard() ? " Hard: counts half" : " Hard";
}

function drawDone() {
  const rows = Object.entries(view.counts).map(([label, n]) => {
    const row = document.createElement("tr");
    for (const text of [label, n.toLocaleString("en")]) row.append(Object.assign(document.createElement("td"), { textContent: text }));
    return row;
  });
  $("counts").replaceChildren(...rows);
  $("n-hard").textContent = view.n_hard ? `${view.n_hard.toLocaleString("en")} of them marked hard.` : "";
  document.querySelector(".done h1").focus();
}

// The codebook beside it.

function read(name) {
  for (const section of document.querySelectorAll("#panels section")) section.hidden = section.dataset.name !== name;
  for (const tab of document.querySelectorAll(".tabs button")) tab.setAttribute("aria-pressed", tab.dataset.panel === name);
  $("panels").scrollTop = 0;
}

function readGuidelines() {
  const isOpen = !document.querySelector("#panels [data-name=guidelines]").hidden;
  read(isOpen ? "overview" : "guidelines");
}

function toggleSuggestion() {
  showsSuggestion = !showsSuggestion;
  if (view.shown) drawSuggestion();
}

// Keys and buttons.

const keys = {
  u: () => once(goBack), ArrowLeft: () => once(goBack), ArrowRight: () => once(goOn), s: () => once(skip), h: () => once(toggleHard),
  m: toggleSuggestion, g: readGuidelines, "?": () => $("keys").showModal(),
};
labelButtons.slice(0, 9).forEach((button, place) => {
  keys[place + 1] = () => once(() => answer(button.dataset.label));
});

document.addEventListener("keydown", (event) => {
  const isUndo = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "z";
  const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
  const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const action = isUndo ? keys.u : isPlain && Object.hasOwn(keys, name) ? keys[name] : null;
  if (!action || !view || $("keys").open) return;
  event.preventDefault();
  if (!event.repeat) action(); // a key held down answers once
});

function onClick(button, action) {
  button.addEventListener("click", (event) => {
    if (view && event.detail < 2) action(); // the second half of a double click belongs to the first
  });
}

for (const button of labelButtons) {
  onClick(button, () => once(() => answer(button.dataset.label)));
  button.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && read(button.dataset.panel));
  button.addEventListener("focus", () => button.matches(":focus-visible") && read(button.dataset.panel));
}
for (const tab of document.querySelectorAll(".tabs button")) tab.addEventListener("click", () => read(tab.dataset.panel));
const buttons = {
  earlier: keys.u, review: keys.u, undo: keys.u, later: keys.ArrowRight, skip: keys.s, hard: keys.h, hide: keys.m, help: keys["?"],
};
for (const [id, action] of Object.entries(buttons)) onClick($(id), action);

once(() => load());
