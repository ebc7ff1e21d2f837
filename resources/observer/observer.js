"use strict";
// Words from the session are only ever set as text: nothing of it becomes markup.
const el = (id) => document.getElementById(id);
const TEXT_MS = 500, TRACE_MS = 200, LATE_MS = 4000, GONE_MS = 20000, WINDOW_S = 120, FRESH_S = 3;
let points = [], state = null, isWatching = false, answeredMs = 0;
// The document's own time at which the session's clock stood at zero.
let zeroMs = null;

const clock = (s) => {
  const whole = Math.max(0, Math.floor(s));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
};
const signed = (v) => (v > 0 ? "+" : v < 0 ? "−" : "") + Math.abs(Math.round(v));

function show(page) {
  for (const one of ["join", "watch", "over"]) el(one).hidden = one !== page;
}

async function ask(path, body) {
  const options = { credentials: "same-origin", cache: "no-store" };
  if (body) {
    options.method = "POST";
    options.headers = { "Content-Type": "application/json" };
    options.body = JSON.stringify(body);
  }
  const response = await fetch(path, options);
  const answer = await response.json().catch(() => ({}));
  return { status: response.status, answer };
}

function end(title, words) {
  isWatching = false;
  el("over-title").textContent = title;
  el("over-words").textContent = words;
  show("over");
}

function refused(status) {
  if (status === 401 || status === 410) {
    end("You are not watching any more", "The session is over, or the moderator ended it.");
    return true;
  }
  return false;
}

function list(id, rows, fill) {
  const items = rows.map((row) => {
    const item = document.createElement("li");
    fill(item, row);
    return item;
  });
  el(id).replaceChildren(...items);
}

function timed(item, [t, words]) {
  const time = document.createElement("time");
  time.textContent = clock(t);
  const span = document.createElement("span");
  span.textContent = words;
  item.append(time, span);
}

function write() {
  el("title").textContent = state.study;
  el("who").textContent = `Participant ${state.participant}` + (state.is_paused ? " · paused" : "");
  el("step").textContent = state.is_paused ? "Paused" : state.step || "Between steps";
  const planned = state.place === null ? null : state.planned_s[state.place];
  el("step-time").textContent = state.step
    ? clock(state.step_elapsed_s) + (planned ? ` of ${clock(planned)} planned` : "") : "";
  const been = new Set(state.steps.map(([, title]) => title));
  list("steps", state.planned, (item, title) => {
    item.textContent = title;
    if (been.has(title)) item.classList.add("been");
    if (title === state.step) item.setAttribute("aria-current", "step");
  });
  list("markers", [...state.markers].reverse(), timed);
  el("no-markers").hidden = state.markers.length > 0;
  el("trace").hidden = el("valence").hidden = !state.shows_emotion;
  el("no-trace").hidden = state.shows_emotion;
}

function draw() {
  const canvas = el("trace"), ratio = window.devicePixelRatio || 1;
  const width = canvas.clientWidth, height = canvas.clientHeight;
  if (!width || !state) return;
  if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
  if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio);
  const paint = canvas.getContext("2d"), style = getComputedStyle(document.documentElement);
  const token = (name) => style.getPropertyValue(name).trim();
  paint.setTransform(ratio, 0, 0, ratio, 0, 0);
  paint.clearRect(0, 0, width, height);
  paint.font = "12px Inter, system-ui, sans-serif";
  const now = Math.max((performance.now() - zeroMs) / 1000, 1), left = 38, right = width - 8;
  const from = Math.max(0, now - WINDOW_S), to = Math.max(now, from + 20);
  const top = 24, bottom = height - 22;
  const x = (t) => left + ((t - from) / (to - from)) * (right - left);
  const y = (v) => top + ((100 - v) / 200) * (bottom - top);
  paint.fillStyle = token("--quiet-text");
  paint.strokeStyle = token("--line");
  paint.lineWidth = 1;
  for (const v of [100, 0, -100]) {
    paint.setLineDash(v ? [] : [4, 4]);
    paint.strokeStyle = token(v ? "--line" : "--quiet-text");
    paint.beginPath(); paint.moveTo(left, y(v)); paint.lineTo(right, y(v)); paint.stroke();
    paint.textAlign = "right";
    paint.fillText(signed(v), left - 6, y(v) + 4);
  }
  paint.setLineDash([]);
  paint.textAlign = "left";
  marks(paint, state.steps, { x, from, right, y: 14, top, bottom, ink: token("--text"),
    line: token("--line") });
  marks(paint, state.markers, { x, from, right, y: height - 6, top, bottom,
    ink: token("--accent"), line: token("--accent") });
  paint.lineWidth = 2.2;
  paint.lineJoin = "round";
  let before = null;
  for (const [t, v] of points) {
    if (t < from || v === null) { before = null; continue; }
    if (before && t - before[0] < 2) {
      paint.strokeStyle = token(v >= 15 ? "--joy" : v <= -15 ? "--negative" : "--neutral");
      paint.beginPath(); paint.moveTo(x(before[0]), y(before[1])); paint.lineTo(x(t), y(v));
      paint.stroke();
    }
    before = [t, v];
  }
}

// A line for each mark, its words where they do not run into those of the one before.
function marks(paint, rows, at) {
  let free = -Infinity;
  for (const [t, words] of rows) {
    if (t < at.from) continue;
    const px = at.x(t), short = words.length > 24 ? words.slice(0, 23) + "…" : words;
    paint.strokeStyle = at.line;
    paint.lineWidth = 1;
    paint.beginPath(); paint.moveTo(px, at.top - 6); paint.lineTo(px, at.bottom); paint.stroke();
    const wide = paint.measureText(short).width, start = Math.min(px + 4, at.right - wide);
    if (start < free) continue;
    paint.fillStyle = at.ink;
    paint.fillText(short, start, at.y);
    free = start + wide + 8;
  }
}

async function refreshText() {
  if (!isWatching) return;
  try {
    const { status, answer } = await ask("/state");
    if (refused(status)) return;
    if (status === 200) {
      state = answer;
      answeredMs = performance.now();
      const zero = performance.now() - state.elapsed_s * 1000;
      if (zeroMs === null || Math.abs(zero - zeroMs) > 700) zeroMs = zero;
      write();
    }
  } catch { /* said below, when it lasts */ }
  const silentMs = performance.now() - answeredMs;
  if (silentMs > GONE_MS) {
    end("The lab's computer does not answer any more",
      "The session is over, or the network is gone. If it goes on, load this page again.");
    return;
  }
  el("trouble").textContent = silentMs > LATE_MS ? "No answer from the lab's computer. Trying again." : "";
  setTimeout(refreshText, TEXT_MS);
}

async function refreshTrace() {
  if (!isWatching) return;
  try {
    const after = points.length ? points[points.length - 1][0] : -1;
    const { status, answer } = await ask(`/trace?after=${after}`);
    if (status === 200) {
      points.push(...answer.points);
      if (points.length > 20000) points = points.slice(-12000);
      const last = points[points.length - 1];
      const isFresh = last && (performance.now() - zeroMs) / 1000 - last[0] < FRESH_S;
      el("valence").textContent = isFresh && last[1] !== null ? signed(last[1]) : "–";
    }
  } catch { /* the text says it */ }
  if (state) el("elapsed").textContent = clock((performance.now() - zeroMs) / 1000);
  draw();
  setTimeout(refreshTrace, TRACE_MS);
}

function watch() {
  isWatching = true;
  answeredMs = performance.now();
  show("watch");
  refreshText();
  refreshTrace();
}

el("join-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = event.target.querySelector("button");
  button.disabled = true;
  try {
    const { status, answer } = await ask("/join", { name: el("name").value, code: el("code").value });
    if (status === 200) watch();
    else el("join-problem").textContent = answer.sentence || "That did not work. Try again.";
  } catch {
    el("join-problem").textContent = "No answer from the lab's computer. Is it in the same network?";
  }
  button.disabled = false;
});

let isSending = false;
async function sendNote() {
  const text = el("note").value.trim();
  if (!text || isSending) return;
  isSending = true;
  try {
    const { status, answer } = await ask("/notes", { text });
    if (refused(status)) return;
    el("note-said").textContent = answer.sentence || "It was not sent. Try again.";
    if (status !== 200) return;
    const item = document.createElement("li");
    timed(item, [(performance.now() - zeroMs) / 1000, text]);
    el("notes").prepend(item);
    el("note").value = "";
  } catch {
    el("note-said").textContent = "It was not sent: no answer. Your words are still here.";
  } finally {
    isSending = false;
  }
}
el("note-form").addEventListener("submit", (event) => { event.preventDefault(); sendNote(); });
el("note").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); sendNote(); }
});

ask("/state").then(({ status }) => (status === 200 ? watch() : show("join")), () => show("join"));
