"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const stage = document.getElementById("stage");
  const svg = stage.querySelector("svg");
  const side = document.getElementById("side");
  const tip = document.getElementById("tip");
  const SVG = "http://www.w3.org/2000/svg";
  const axes = data.axes;
  svg.setAttribute("role", "group"); // a picture would hide its buttons from screen readers

  // ---- making elements; words go in as text, never as markup
  function make(name, properties = {}, ...children) {
    const element = document.createElement(name);
    Object.assign(element, properties);
    element.append(...children);
    return element;
  }
  function draw(name, attributes) {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  }

  // ---- the trace's axes
  function between(value, from, to) {
    if (value <= from[0]) return to[0];
    for (let k = 1; k < from.length; k += 1) {
      if (value <= from[k]) {
        const share = (value - from[k - 1]) / (from[k] - from[k - 1] || 1);
        return to[k - 1] + share * (to[k] - to[k - 1]);
      }
    }
    return to[to.length - 1];
  }
  const xAt = (second) => between(second, axes.knots_s, axes.knots_x);
  const yAt = (valence) =>
    axes.top_y + ((100 - valence) / 200) * (axes.bottom_y - axes.top_y);
  const valenceAt = (y) => 100 - ((y - axes.top_y) / (axes.bottom_y - axes.top_y)) * 200;
  const isInTrace = (x, y) =>
    x >= axes.knots_x[0] && x <= axes.knots_x[axes.knots_x.length - 1] &&
    y >= axes.top_y && y <= axes.bottom_y;
  function pointAt(x) {
    const second = between(x, axes.knots_x, axes.knots_s);
    let best = 0;
    data.position.forEach((value, k) => {
      if (Math.abs(value - second) < Math.abs(data.position[best] - second)) best = k;
    });
    return best;
  }
  const stepAt = (second) =>
    data.steps.find((step) => second < step.end) || data.steps[data.steps.length - 1];

  // ---- words
  function signed(value) {
    if (value === null) return "no face";
    const whole = Math.round(value);
    return whole > 0 ? `+${whole}` : whole < 0 ? `\u2212${-whole}` : "0";
  }
  function clock(seconds) {
    const tenths = Math.round(seconds * 10);
    const whole = Math.floor((tenths % 600) / 10);
    return `${Math.floor(tenths / 600)}:${String(whole).padStart(2, "0")}.${tenths % 10}`;
  }

  // The session and its own clock: where to find the seconds in the replay.
  const whereIn = (each) =>
    each.at === null ? each.session : `${each.session} at ${clock(each.at)}`;

  // ---- lines: median, each participant
  function line(values, className) {
    const group = draw("g", {});
    let run = [];
    const finish = () => {
      if (run.length > 1) {
        group.append(draw("polyline", { points: run.join(" "), class: className }));
      }
      run = [];
    };
    values.forEach((value, k) => {
      if (value === null) finish();
      else run.push(`${xAt(data.position[k]).toFixed(1)},${yAt(value).toFixed(1)}`);
    });
    finish();
    return group;
  }
  const lines = draw("g", { class: "unresponsive" });
  const people = draw("g", { id: "people" });
  const median = draw("g", { id: "median" });
  data.people.forEach((person) => people.append(line(person.valence, "person")));
  median.append(line(data.median, "median"));
  lines.append(people, median);
  const above = svg.getElementById("callouts") || svg.getElementById("gaze");
  svg.insertBefore(lines, svg.getElementById("mean") || above);

  for (const [name, layers] of [
    ["mean", [svg.getElementById("mean"), svg.getElementById("band")]],
    ["median", [median]],
    ["people", [people]],
  ]) {
    const box = document.getElementById(`show-${name}`);
    const show = () => layers.forEach((layer) => {
      if (layer) layer.setAttribute("visibility", box.checked ? "visible" : "hidden");
    });
    box.addEventListener("change", show);
    show();
  }

  // ---- zoom and pan
  const [WIDTH, HEIGHT] = data.size;
  const view = { x: 0, y: 0, scale: 1 };
  function apply() {
    const width = WIDTH / view.scale;
    const height = HEIGHT / view.scale;
    view.x = Math.min(Math.max(view.x, Math.min(0, WIDTH - width)), Math.max(0, WIDTH - width));
    view.y = Math.min(Math.max(view.y, Math.min(0, HEIGHT - height)), Math.max(0, HEIGHT - height));
    svg.setAttribute("viewBox", `${view.x} ${view.y} ${width} ${height}`);
    document.getElementById("share").textContent = `${Math.round(view.scale * 100)} %`;
  }
  function toScene(event) {
    const place = new DOMPoint(event.clientX, event.clientY);
    return place.matrixTransform(svg.getScreenCTM().inverse());
  }
  function zoom(factor, centre) {
    const at = centre || { x: view.x + WIDTH / view.scale / 2, y: view.y + HEIGHT / view.scale / 2 };
    const scale = Math.min(12, Math.max(1, view.scale * factor));
    view.x = at.x - ((at.x - view.x) * view.scale) / scale;
    view.y = at.y - ((at.y - view.y) * view.scale) / scale;
    view.scale = scale;
    apply();
  }
  function fit() {
    Object.assign(view, { x: 0, y: 0, scale: 1 });
    apply();
  }
  function pan(x, y) {
    view.x += x / view.scale;
    view.y += y / view.scale;
    apply();
  }
  document.getElementById("closer").addEventListener("click", () => zoom(1.4));
  document.getElementById("further").addEventListener("click", () => zoom(1 / 1.4));
  document.getElementById("fit").addEventListener("click", fit);
  stage.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(Math.exp(-event.deltaY * 0.0016), toScene(event));
  }, { passive: false });
  stage.addEventListener("keydown", (event) => {
    const acts = {
      "+": () => zoom(1.4), "=": () => zoom(1.4), "-": () => zoom(1 / 1.4), 0: fit,
      ArrowLeft: () => pan(-80, 0), ArrowRight: () => pan(80, 0),
      ArrowUp: () => pan(0, -80), ArrowDown: () => pan(0, 80),
    };
    if (!event.ctrlKey && !event.metaKey && acts[event.key]) {
      event.preventDefault();
      acts[event.key]();
    }
  });
  let held = null;
  stage.addEventListener("pointerdown", (event) => {
    if (event.button === 0) {
      held = { x: event.clientX, y: event.clientY, startX: event.clientX, startY: event.clientY };
    }
  });
  window.addEventListener("pointermove", (event) => {
    if (!held) return;
    const isDrag = Math.hypot(event.clientX - held.startX, event.clientY - held.startY) > 4;
    if (!isDrag && !held.moved) return;
    if (!held.moved) {
      held.moved = true;
      stage.classList.add("moving");
      hideTip();
    }
    const unit = svg.getScreenCTM().a;
    view.x -= (event.clientX - held.x) / unit;
    view.y -= (event.clientY - held.y) / unit;
    held.x = event.clientX;
    held.y = event.clientY;
    apply();
  });
  let wasDragged = false;
  window.addEventListener("pointerup", () => {
    wasDragged = Boolean(held && held.moved);
    held = null;
    stage.classList.remove("moving");
  });

  // ---- what is under the cursor
  const cursor = draw("line", { class: "cursor unresponsive", visibility: "hidden" });
  const dot = draw("circle", { class: "dot unresponsive", r: 4, visibility: "hidden" });
  const chosen = draw("circle", { class: "chosen unresponsive", r: 10, visibility: "hidden" });
  function hideTip() {
    tip.hidden = true;
    cursor.setAttribute("visibility", "hidden");
    dot.setAttribute("visibility", "hidden");
    people.querySelectorAll(".near").forEach((each) => each.classList.remove("near"));
  }
  function nearest(point, valence) {
    let best = -1;
    data.people.forEach((person, k) => {
      const value = person.valence[point];
      if (value === null) return;
      const was = best < 0 ? Infinity : Math.abs(data.people[best].valence[point] - valence);
      if (Math.abs(value - valence) < was) best = k;
    });
    return best;
  }
  function showTip(event, place) {
    const point = pointAt(place.x);
    const second = data.position[point];
    const step = stepAt(second);
    const words = [make("b", { textContent: `${step.title} · ${clock(second - step.start)}` })];
    const tell = (text) => words.push(make("span", { textContent: text }));
    if (step.place) tell(step.place);
    const mean = data.mean[point];
    if (mean === null) tell("no valence measured here");
    else {
      tell(`mean ${signed(mean)}` + (data.low[point] === null
        ? "" : ` (95 % ${signed(data.low[point])} to ${signed(data.high[point])})`));
      tell(`median ${signed(data.median[point])} · n = ${data.n[point]}`);
    }
    people.querySelectorAll(".near").forEach((each) => each.classList.remove("near"));
    if (document.getElementById("show-people").checked) {
      const near = nearest(point, valenceAt(place.y));
      if (near >= 0) {
        tell(`${data.people[near].id} ${signed(data.people[near].valence[point])}`);
        people.children[near].querySelectorAll("polyline")
          .forEach((each) => each.classList.add("near"));
      }
    }
    tip.replaceChildren(...words);
    tip.hidden = false;
    const x = xAt(second);
    for (const [key, value] of Object.entries(
      { x1: x, x2: x, y1: axes.top_y, y2: axes.bottom_y, visibility: "visible" })) {
      cursor.setAttribute(key, value);
    }
    dot.setAttribute("visibility", mean === null ? "hidden" : "visible");
    dot.setAttribute("cx", x);
    dot.setAttribute("cy", yAt(mean === null ? 0 : mean));
    const box = tip.getBoundingClientRect();
    const left = event.clientX + 18 + box.width > window.innerWidth
      ? event.clientX - 18 - box.width : event.clientX + 18;
    tip.style.left = `${Math.max(8, left)}px`;
    tip.style.top = `${Math.max(8, Math.min(event.clientY + 18, window.innerHeight - box.height - 8))}px`;
  }
  stage.addEventListener("pointermove", (event) => {
    if (held && held.moved) return;
    const place = toScene(event);
    if (axes && data.position.length && isInTrace(place.x, place.y)) showTip(event, place);
    else hideTip();
  });
  stage.addEventListener("pointerleave", hideTip);

  // ---- the side: all findings, or one with its evidence
  function section(label, words) {
    return words
      ? [make("h3", { className: "caps", textContent: label }), make("p", { textContent: words })]
      : [];
  }
  function kind(name) {
    return make("span", { className: `kind ${name}`, textContent: name });
  }
  function table(heads, rows) {
    const head = make("tr", {}, ...heads.map(([words, isFigure]) =>
      make("th", { textContent: words, className: isFigure ? "figure" : "", scope: "col" })));
    const body = rows.map((row) => make("tr", {}, ...row.map((cell, k) => {
      const holder = make("td", { className: heads[k][1] ? "figure" : "" });
      holder.append(cell);
      return holder;
    })));
    return make("table", {}, make("thead", {}, head), make("tbody", {}, ...body));
  }
  function back() {
    const button = make("button", { className: "button back", textContent: "\u2039 All findings" });
    button.addEventListener("click", showList);
    return button;
  }
  function mark(x, y) {
    chosen.setAttribute("visibility", x === null ? "hidden" : "visible");
    if (x !== null) {
      chosen.setAttribute("cx", x);
      chosen.setAttribute("cy", y);
    }
  }
  function showSide(...children) {
    side.replaceChildren(...children);
    side.scrollTop = 0;
  }
  function showList() {
    mark(null);
    const parts = [];
    for (const [label, isCallout] of [["Along the trace", true], ["Step by step", false]]) {
      const found = data.findings.filter((one) => one.callout === isCallout);
      if (!found.length) continue;
      parts.push(make("h3", { className: "caps", textContent: label }));
      for (const one of found) {
        const button = make("button", { className: "finding" },
          kind(one.kind),
          make("span", { className: "name", textContent: isCallout ? `${one.title} · ${one.step}` : one.title }),
          make("span", { className: "words", textContent: one.text }));
        button.addEventListener("click", () => showFinding(data.findings.indexOf(one)));
        parts.push(button);
      }
    }
    parts.push(...section("What is missing", data.notes.join(" ")));
    showSide(...parts);
  }
  function showFinding(index) {
    const one = data.findings[index];
    const parts = [back(), make("h2", { textContent: one.title }), kind(one.kind),
      make("p", { textContent: one.text }),
      ...section("Who", one.who), ...section("When", one.when), ...section("How sure", one.sure),
      ...section("Met there", one.place), ...section("By the researcher", one.edit)];
    const picture = [...svg.querySelectorAll("image[data-name]")]
      .find((each) => each.dataset.name === one.screen);
    if (picture) {
      parts.push(make("img", { className: "screen", alt: `Screen of ${one.step}`,
        src: picture.getAttribute("xlink:href") }));
    }
    if (one.witnesses.length) {
      const hasFaces = one.witnesses.some((each) => each.face || each.no_face);
      const heads = [["Participant"], [data.groups], ["In step", true], ["Valence", true]];
      const rows = one.witnesses.map((each) => [
        make("span", {}, each.id, make("small", { textContent: whereIn(each) })),
        each.details, clock(each.into), signed(each.valence)]);
      if (hasFaces) {
        heads.unshift(["Face"]);
        rows.forEach((row, k) => row.unshift(one.witnesses[k].face
          ? make("img", { src: one.witnesses[k].face, alt: `Face of ${one.witnesses[k].id}` })
          : one.witnesses[k].no_face || "none kept"));
      }
      parts.push(table(heads, rows));
    }
    showSide(...parts);
    mark(one.x, one.y);
  }
  function showPoint(point) {
    const second = data.position[point];
    const step = stepAt(second);
    const known = data.people.map((person) => ({ id: person.id, value: person.valence[point] }))
      .sort((one, other) => (other.value ?? -Infinity) - (one.value ?? -Infinity));
    const mean = data.mean[point];
    showSide(back(), make("h2", { textContent: `${step.title}, at ${clock(second - step.start)}` }),
      make("p", { textContent: mean === null
        ? "No valence was measured here."
        : `Mean valence ${signed(mean)}, n = ${data.n[point]}.` }),
      table([["Participant"], ["Valence", true]],
        known.map((each) => [each.id, signed(each.value)])));
    mark(mean === null ? null : xAt(second), mean === null ? 0 : yAt(mean));
  }

  // ---- what answers to a click
  const targets = draw("g", { id: "targets" });
  for (const hit of data.hits) {
    const box = draw("rect", { class: "hit", x: hit.x, y: hit.y, width: hit.width,
      height: hit.height, rx: 6, tabindex: 0, role: "button" });
    box.setAttribute("aria-label", hit.label);
    const open = () => { if (!wasDragged) showFinding(hit.finding); };
    box.addEventListener("click", (event) => { event.stopPropagation(); open(); });
    box.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        showFinding(hit.finding);
      }
    });
    targets.append(box);
  }
  svg.append(cursor, dot, chosen, targets);
  stage.addEventListener("click", (event) => {
    const place = toScene(event);
    if (!wasDragged && data.position.length && isInTrace(place.x, place.y)) {
      showPoint(pointAt(place.x));
    }
  });
  window.addEventListener("keydown", (event) => { if (event.key === "Escape") showList(); });

  showList();
  fit();
})();
