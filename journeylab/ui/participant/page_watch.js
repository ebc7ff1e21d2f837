// Watches a page for the study and changes nothing on it. Runs in a world of its own: the page's
// scripts can neither see it nor speak to it. What a person types is never read, only its length.
// It also runs in the page's frames. Those have no line to the outside: their events wait until
// they are fetched (`drain`), and the page they lie on says where they lie (`place`).
(() => {
  "use strict";
  if (window.__journeylab) return;

  const SCROLL_EVERY_MS = 100;
  const CHANGES_EVERY_MS = 300;
  const INPUTS_EVERY_MS = 1000;
  const FOCUS_AFTER_KEY_MS = 300;
  const BOXES_EVERY_MS = 50;
  const BOXES_AT_REST_MS = 250;
  const OLDEST_EVENT_MS = 250;
  const FRAME_ANSWERS_MS = 500;
  const CONNECT_EVERY_MS = 10;
  const MOST_WAITING = 200;
  const LARGEST_COPY = 6000000;
  const isTop = window.top === window;
  let bridge = null;
  let waiting = [];

  const clip = (text, length) => String(text || "").replace(/\s+/g, " ").trim().slice(0, length);

  function aged(message) {
    const { at_ms, ...rest } = message;
    return { ...rest, age_ms: performance.now() - at_ms };
  }

  function send(message) {
    bridge.tell(JSON.stringify(aged(message)));
  }

  function tell(kind, values, event) {
    const now = performance.now();
    const stamp = event ? event.timeStamp : now;
    const message = {
      kind,
      // Some platforms stamp events on another clock; those count from when they reached us.
      at_ms: stamp <= now && stamp > now - OLDEST_EVENT_MS ? stamp : now,
      url: location.href,
      scroll: [window.scrollX, window.scrollY],
      ...values,
    };
    if (bridge) send(message);
    else if (waiting.length < MOST_WAITING) waiting.push(message);
  }

  // -- elements ----------------------------------------------------------------------------

  const isAlone = (selector, root) => root.querySelectorAll(selector).length === 1;

  // The shortest path from an ancestor with an id, or from the root, that means this element
  // alone. ">>>" leads into a shadow root or a frame.
  function selectorOf(element) {
    const root = element.getRootNode();
    const parts = [];
    for (let node = element; node && node.nodeType === Node.ELEMENT_NODE; node = node.parentElement) {
      if (node.id && root.querySelectorAll && isAlone("#" + CSS.escape(node.id), root)) {
        parts.unshift("#" + CSS.escape(node.id));
        break;
      }
      const tag = CSS.escape(node.localName);
      const family = node.parentNode && node.parentNode.children ? Array.from(node.parentNode.children) : [node];
      const twins = family.filter((child) => child.localName === node.localName);
      parts.unshift(twins.length > 1 ? `${tag}:nth-of-type(${twins.indexOf(node) + 1})` : tag);
    }
    const own = parts.join(" > ");
    return root instanceof ShadowRoot ? `${selectorOf(root.host)} >>> ${own}` : own;
  }

  function elementOf(event) {
    const target = event.composedPath()[0];
    if (target instanceof Element) return target;
    return target && target.parentElement ? target.parentElement : document.documentElement;
  }

  function middleOf(element) {
    const box = element.getBoundingClientRect();
    const at = [box.left + box.width / 2, box.top + box.height / 2];
    // A frame's own scroll means nothing to the page it lies on.
    return isTop ? [at[0] + window.scrollX, at[1] + window.scrollY] : at;
  }

  function placeOf(event) {
    if (isTop) return { page: [event.pageX, event.pageY] };
    return { page: [event.clientX, event.clientY], screen: [event.screenX, event.screenY] };
  }

  function sayElement(element) {
    if (element instanceof HTMLInputElement) return `input ${element.type}`;
    const acting = element.closest("a, button, summary, label, [role=button]");
    const said = acting ? acting.innerText || acting.getAttribute("aria-label") : "";
    return clip(acting ? `${acting.localName} ${said}` : element.localName, 80);
  }

  function sayField(field) {
    if (field.type === "checkbox" || field.type === "radio") return field.checked ? "checked" : "unchecked";
    if (field instanceof HTMLSelectElement) return `option ${field.selectedIndex + 1}`;
    return `${field.type}, ${String(field.value || "").length} characters`;
  }

  // -- what a person does ------------------------------------------------------------------

  let isBeingClicked = false;
  addEventListener("click", (event) => {
    const isByPointer = event.pointerId === undefined || event.pointerId >= 0;
    // A label passes its click on to its field, at once: one press of the finger is one click.
    if (!isByPointer && isBeingClicked) return;
    if (isByPointer) {
      isBeingClicked = true;
      setTimeout(() => { isBeingClicked = false; }, 0);
    }
    if (!event.isTrusted) return;
    const element = elementOf(event);
    const place = isByPointer ? placeOf(event) : { page: middleOf(element) };
    const how = isByPointer ? "" : " (key)";
    tell("click", { selector: selectorOf(element), ...place, detail: sayElement(element) + how }, event);
  }, true);

  // A disabled control swallows the click, and that is exactly when people press again.
  addEventListener("pointerdown", (event) => {
    meetRoots(event);
    const element = elementOf(event);
    if (event.button !== 0 || !element.closest(":disabled")) return;
    const detail = "disabled " + sayElement(element);
    tell("click", { selector: selectorOf(element), ...placeOf(event), detail }, event);
  }, true);
  addEventListener("focusin", (event) => {
    meetRoots(event);
    takeFocus(event);
  }, true);

  // That keys are pressed, never which.
  let lastKey = -1000;
  let lastInput = -1000;
  addEventListener("keydown", (event) => {
    if (event.isTrusted) lastKey = performance.now();
  }, true);

  // Where the keyboard leads. By a finger it is a click, and by a script nobody's doing.
  function takeFocus(event) {
    if (performance.now() - lastKey > FOCUS_AFTER_KEY_MS) return;
    const element = elementOf(event);
    tell("focus", { selector: selectorOf(element), page: middleOf(element), detail: sayElement(element) }, event);
  }

  function takeInput(event) {
    if (!event.isTrusted || performance.now() - lastInput < INPUTS_EVERY_MS) return;
    lastInput = performance.now();
    const field = elementOf(event);
    tell("input", { selector: selectorOf(field), page: middleOf(field), detail: "typing" }, event);
  }

  // Whose a key is depends on what has the focus: nothing, something, or something that is typed
  // into or chosen from by keys. Within a frame it is the frame that has it.
  const TYPED_INPUTS = new Set([
    "date", "datetime-local", "email", "month", "number", "password", "range", "search", "tel", "text", "time", "url", "week",
  ]);
  const TYPED_ROLES = "[role=combobox], [role=listbox], [role=searchbox], [role=slider], [role=spinbutton], [role=textbox]";
  let caret = "";
  function caretNow() {
    let element = document.activeElement;
    if (!element || element === document.body || element === document.documentElement) return "";
    while (element.shadowRoot && element.shadowRoot.activeElement) element = element.shadowRoot.activeElement;
    if (element instanceof HTMLInputElement) return TYPED_INPUTS.has(element.type) ? "typed" : "other";
    const isText = element instanceof HTMLTextAreaElement || element.isContentEditable;
    const isList = element instanceof HTMLSelectElement || element.matches(TYPED_ROLES);
    return isText || isList ? "typed" : "other";
  }

  function tellCaret(isNew) {
    if (!isTop) return;
    const now = caretNow();
    if (!isNew && now === caret) return;
    caret = now;
    tell("caret", { selector: "", detail: now });
  }
  addEventListener("focusin", () => tellCaret(false), true);
  // By then it is known where it went; what is taken out of the page says nothing when it goes.
  for (const kind of ["focusout", "blur", "focus", "keyup", "pointerup"]) addEventListener(kind, () => setTimeout(() => tellCaret(false), 0), true);

  const scrolled = new Map();
  let scrollTimer = 0;
  let lastScroll = -1000;
  function tellScrolls() {
    scrollTimer = 0;
    lastScroll = performance.now();
    for (const [target, event] of scrolled) {
      if (target === document) {
        const detail = isTop ? "" : `frame at ${Math.round(window.scrollX)},${Math.round(window.scrollY)}`;
        tell("scroll", { selector: "", detail }, event);
        continue;
      }
      const detail = `element at ${Math.round(target.scrollLeft)},${Math.round(target.scrollTop)}`;
      tell("scroll", { selector: selectorOf(target), detail }, event);
    }
    scrolled.clear();
  }

  function takeScroll(event) {
    lookAtBoxes();
    const target = event.composedPath()[0] || event.target;
    if (target !== document && !(target instanceof Element)) return;
    scrolled.set(target, event);
    if (scrollTimer) return;
    scrollTimer = setTimeout(tellScrolls, Math.max(0, SCROLL_EVERY_MS - (performance.now() - lastScroll)));
  }

  function takeInvalid(event) {
    const field = elementOf(event);
    tell("invalid", { selector: selectorOf(field), page: middleOf(field), detail: clip(field.validationMessage, 160) }, event);
  }

  function takeChange(event) {
    const field = elementOf(event);
    tell("change", { selector: selectorOf(field), page: middleOf(field), detail: "field: " + sayField(field) }, event);
  }

  // A zoomed page would no longer lie where gaze and clicks say it does.
  addEventListener("wheel", (event) => {
    if (event.ctrlKey) event.preventDefault();
  }, { capture: true, passive: false });

  // -- what the page does ------------------------------------------------------------------

  let counts = null;
  function tellChanges() {
    const { added, removed, restyled, target } = counts;
    counts = null;
    const element = target instanceof Element ? target : target.parentElement || target.host;
    if (!element) return;
    const origin = location.origin === "null" ? location.protocol : location.origin;
    tell("change", {
      selector: selectorOf(element),
      page: middleOf(element),
      ...(isTop ? { size: sizeOfPage() } : {}), // that of a frame is not the page's
      detail: `${isTop ? "page" : "frame of " + origin}: ${added} added, ${removed} removed, ${restyled} restyled`,
    });
  }

  // Forms that judge by script say so to screen readers, and thereby to us.
  const refusedFields = new WeakSet();
  function judge(element) {
    const isRefused = element.getAttribute("aria-invalid") === "true";
    if (!isRefused) refusedFields.delete(element);
    else if (!refusedFields.has(element)) {
      refusedFields.add(element);
      // What is said of it often comes a moment later.
      setTimeout(() => tell("invalid", { selector: selectorOf(element), page: middleOf(element), detail: sayRefusal(element) }), 0);
    }
  }

  function sayRefusal(element) {
    const ids = element.getAttribute("aria-errormessage") || element.getAttribute("aria-describedby") || "";
    const said = ids.split(/\s+/).filter(Boolean).map((id) => element.getRootNode().getElementById(id));
    return clip(said.map((node) => (node ? node.innerText : "")).join(" "), 160) || "refused by the page";
  }

  const roots = new Set();
  const observer = new MutationObserver((mutations) => {
    lookAtBoxes();
    if (!counts) {
      counts = { added: 0, removed: 0, restyled: 0, target: mutations[0].target };
      setTimeout(tellChanges, CHANGES_EVERY_MS);
    }
    for (const mutation of mutations) {
      counts.added += mutation.addedNodes.length;
      counts.removed += mutation.removedNodes.length;
      counts.restyled += mutation.type === "attributes" ? 1 : 0;
      if (mutation.attributeName === "aria-invalid") judge(mutation.target);
      for (const node of mutation.addedNodes) if (node instanceof Element) meet(node);
    }
  });

  // Neither scrolling nor changes inside a shadow root are heard of outside it.
  function watchRoot(root) {
    if (roots.has(root)) return;
    roots.add(root);
    root.addEventListener("scroll", takeScroll, { capture: true, passive: true });
    root.addEventListener("invalid", takeInvalid, true);
    root.addEventListener("change", takeChange, true);
    observer.observe(root, {
      childList: true,
      subtree: true,
      characterData: true,
      attributes: true,
      attributeFilter: ["class", "style", "hidden", "open", "disabled", "aria-expanded", "aria-invalid"],
    });
  }

  function meet(element) {
    if (element.getAttribute("aria-invalid") === "true") judge(element);
    for (const field of element.querySelectorAll('[aria-invalid="true"]')) judge(field);
    for (const host of [element, ...element.querySelectorAll("*")]) {
      if (host.shadowRoot && !roots.has(host.shadowRoot)) {
        watchRoot(host.shadowRoot);
        for (const child of host.shadowRoot.children) meet(child);
      }
    }
  }

  function meetRoots(event) {
    for (const node of event.composedPath()) if (node instanceof ShadowRoot) watchRoot(node);
  }

  addEventListener("scroll", takeScroll, { capture: true, passive: true });
  addEventListener("invalid", takeInvalid, true);
  addEventListener("change", takeChange, true);
  addEventListener("input", takeInput, true);

  // Two animation frames after now, what stood on the page now has been drawn.
  function tellWhenPainted(token) {
    requestAnimationFrame(() => requestAnimationFrame(() => tell("painted", { detail: String(token) })));
  }

  function sizeOfPage() {
    const root = document.documentElement;
    return [root.scrollWidth, root.scrollHeight];
  }

  let hasLoaded = false;
  function loaded() {
    if (hasLoaded) return;
    hasLoaded = true;
    watchRoot(document);
    meet(document.documentElement);
    if (!isTop) return;
    const entry = performance.getEntriesByType("navigation")[0];
    // Its address is the one it had, so that no new one is told.
    if (entry && entry.type === "reload") tell("url", { page: [NaN, NaN], detail: "reload" });
    const took = entry && entry.loadEventStart ? entry.loadEventStart : performance.now();
    const [width, height] = sizeOfPage();
    tell("load", {
      page: [0, 0],
      size: [width, height],
      detail: `${width}x${height} px in ${Math.round(took)} ms`,
    });
    tellWhenPainted("load");
  }

  // A page whose own script was stopped from leading away is complete, but never fires "load".
  function loadedAtLast() {
    if (document.readyState === "complete") loaded();
    else setTimeout(loadedAtLast, 250);
  }
  addEventListener("load", loaded, { once: true });
  setTimeout(loadedAtLast, 250);
  addEventListener("pageshow", (event) => {
    if (event.persisted) tellWhenPainted("load");
  });

  // -- frames ------------------------------------------------------------------------------

  // Which of its parent's frames this one is, and so on up to the page.
  function pathToTop() {
    const path = [];
    for (let own = window; own !== own.parent; own = own.parent) {
      let index = 0;
      while (index < own.parent.length && own.parent[index] !== own) index += 1;
      path.unshift(index);
    }
    return path;
  }

  function drain() {
    const messages = waiting.map(aged);
    waiting = [];
    return JSON.stringify({ path: pathToTop(), messages });
  }

  function frameElement(index) {
    const wanted = window[index];
    for (const root of [document, ...roots]) {
      for (const frame of root.querySelectorAll("iframe, frame, object, embed")) {
        if (wanted && frame.contentWindow === wanted) return frame;
      }
    }
    return null;
  }

  let pressedFrame = null;

  // An event of a frame: `at` is its place in this window where it was made by a pointer.
  function place(path, at, message) {
    const frame = frameElement(path[0]);
    const scroll = [window.scrollX, window.scrollY];
    const values = { ...message, url: location.href, scroll, page: [NaN, NaN] };
    values.at_ms = performance.now() - (message.age_ms || 0);
    if (frame) {
      values.selector = selectorOf(frame) + (message.selector ? " >>> " + message.selector : "");
      const box = frame.getBoundingClientRect();
      const inside = [box.left + frame.clientLeft, box.top + frame.clientTop];
      if (path.length === 1 && message.page) {
        values.page = [0, 1].map((k) => inside[k] + message.page[k] + scroll[k]);
      }
    }
    if (at) values.page = [at[0] + scroll[0], at[1] + scroll[1]];
    if (message.kind === "click") pressedFrame = null;
    tell(message.kind, values);
  }

  function elementAt(x, y) {
    let element = document.elementFromPoint(x, y);
    while (element && element.shadowRoot) {
      const inner = element.shadowRoot.elementFromPoint(x, y);
      if (!inner || inner === element) break;
      element = inner;
    }
    return element;
  }

  function tellPressedFrame() {
    if (pressedFrame) tell("click", pressedFrame);
    pressedFrame = null;
  }

  // Pressed here. A frame that leads away at once has no time to say what was pressed in it.
  function pressed(x, y) {
    const element = elementAt(x, y);
    if (!element || !["iframe", "frame", "object", "embed"].includes(element.localName)) return;
    tellPressedFrame();
    pressedFrame = {
      selector: selectorOf(element),
      page: [x + window.scrollX, y + window.scrollY],
      detail: "inside the frame",
    };
    setTimeout(tellPressedFrame, FRAME_ANSWERS_MS);
  }
  addEventListener("pagehide", tellPressedFrame);

  // -- areas of interest -------------------------------------------------------------------

  let tracked = [];
  let lastBoxes = {};
  let boxTimer = 0;
  let restTimer = 0;
  let trackToken = 0;

  // Selectors as clicks have them: ">>>" leads into a shadow root, or a frame of the same site.
  function find(selector) {
    const [first, ...inner] = selector.split(">>>").map((part) => part.trim());
    for (const root of [document, ...roots]) {
      for (const element of root.querySelectorAll(first)) {
        const box = follow(element, inner);
        if (box) return box;
      }
    }
    return null;
  }

  function follow(element, inner) {
    if (!inner.length) return visibleBox(element);
    const inside = element.shadowRoot || element.contentDocument;
    const next = inside ? inside.querySelector(inner[0]) : null;
    const box = next ? follow(next, inner.slice(1)) : null;
    if (!box || element.shadowRoot) return box;
    const frame = visibleBox(element);
    const at = element.getBoundingClientRect();
    const [left, top] = [box[0] + at.left + element.clientLeft, box[1] + at.top + element.clientTop];
    return frame ? common(frame, [left, top, box[2], box[3]]) : null;
  }

  function common(one, other) {
    const [left, top] = [Math.max(one[0], other[0]), Math.max(one[1], other[1])];
    const width = Math.min(one[0] + one[2], other[0] + other[2]) - left;
    const height = Math.min(one[1] + one[3], other[1] + other[3]) - top;
    return width > 0.5 && height > 0.5 ? [left, top, width, height] : null;
  }

  function visibleBox(element) {
    const isSeen = !element.checkVisibility ||
      element.checkVisibility({ opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true });
    if (!isSeen) return null;
    const page = element.ownerDocument;
    const size = [page.documentElement.clientWidth || page.defaultView.innerWidth, page.defaultView.innerHeight];
    const boxOf = (node) => {
      const { left, top, width, height } = node.getBoundingClientRect();
      return [left, top, width, height];
    };
    let box = common([0, 0, ...size], boxOf(element));
    // What its surroundings cut off cannot be looked at.
    for (let node = element; box && node; ) {
      if (getComputedStyle(node).position === "fixed") break;
      node = node.parentElement || node.getRootNode().host || null;
      if (!node || node === page.body || node === page.documentElement) break;
      if (getComputedStyle(node).overflow !== "visible") box = common(box, boxOf(node));
    }
    return box;
  }

  function tellBoxes() {
    boxTimer = 0;
    const moved = {};
    for (const [name, selector] of tracked) {
      let box = null;
      try {
        box = find(selector);
      } catch {
        box = null; // no selector; the study check says so
      }
      if (JSON.stringify(box) === JSON.stringify(lastBoxes[name])) continue;
      lastBoxes[name] = box;
      moved[name] = box;
    }
    if (!Object.keys(moved).length) return;
    tell("boxes", { boxes: moved, token: trackToken });
    lookAtBoxes(); // what moved goes on moving, mostly
  }

  function lookAtBoxes() {
    if (tracked.length && !boxTimer) boxTimer = setTimeout(tellBoxes, BOXES_EVERY_MS);
  }

  function track(token, areas) {
    tracked = areas;
    trackToken = token;
    lastBoxes = {};
    clearInterval(restTimer);
    // Moves that nothing announces: transitions, fonts and pictures that came late.
    if (tracked.length) restTimer = setInterval(lookAtBoxes, BOXES_AT_REST_MS);
    lookAtBoxes();
  }
  addEventListener("resize", lookAtBoxes);

  // -- a copy of the page, for its picture -------------------------------------------------

  // Nothing runs in a document without a window: no script, no picture is loaded, and the page's
  // own elements are not made anew by their classes.
  const quiet = document.implementation.createHTMLDocument("");

  // What was typed or chosen is in properties, which no copy has; but frameworks and servers write
  // it into attributes and text as well.
  // Of fields whose value is their label, it stays.
  const SHOWS_LABEL = new Set(["submit", "button", "reset", "image", "hidden", "checkbox", "radio"]);
  const WRITABLE = '[contenteditable]:not([contenteditable="false" i]), [role=textbox], [role=searchbox]';
  function forgetTyped(root) {
    for (const field of root.querySelectorAll("input")) {
      if (!SHOWS_LABEL.has(field.type)) field.removeAttribute("value");
      field.removeAttribute("checked");
    }
    for (const option of root.querySelectorAll("option[selected]")) option.removeAttribute("selected");
    for (const area of root.querySelectorAll("textarea")) area.textContent = "";
    for (const written of root.querySelectorAll(WRITABLE)) blank(written);
    if (document.designMode === "on") for (const body of root.querySelectorAll("body")) blank(body);
  }

  // As much room as before, and nothing to read or to see in it.
  function blank(element) {
    const texts = quiet.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) texts.currentNode.data = texts.currentNode.data.replace(/\S/g, "\u2007");
    for (const one of element.querySelectorAll("img, svg, picture, video, canvas, object, embed")) {
      one.setAttribute("style", (one.getAttribute("style") || "") + ";visibility:hidden!important");
    }
  }

  // A root and all it holds, shadow roots as the templates a parser makes them of.
  function still(root) {
    const copied = quiet.importNode(root, true);
    fillShadows(root, copied);
    return copied;
  }

  function fillShadows(root, copied) {
    const lives = root.querySelectorAll("*");
    const copies = copied.querySelectorAll("*");
    const own = root instanceof Element ? [[root, copied]] : [];
    for (const [live, copy] of [...own, ...Array.from(lives, (live, n) => [live, copies[n]])]) {
      const shadow = live.shadowRoot;
      if (!shadow) continue;
      const template = quiet.createElement("template");
      template.setAttribute("shadowrootmode", shadow.mode);
      for (const child of shadow.childNodes) template.content.append(quiet.importNode(child, true));
      fillShadows(shadow, template.content);
      forgetTyped(template.content);
      copy.prepend(template);
    }
  }

  // What runs, and what is not drawn, goes; of pictures that are written out in the page, the
  // largest, whose place stays.
  function lighten(root, live) {
    for (const script of root.querySelectorAll("script")) script.textContent = "";
    if (!live) return;
    const places = live.querySelectorAll("img");
    Array.from(root.querySelectorAll("img")).forEach((image, n) => {
      if (!(image.getAttribute("src") || "").startsWith("data:")) return;
      const box = places[n].getBoundingClientRect();
      image.removeAttribute("src");
      image.setAttribute("style", (image.getAttribute("style") || "") +
        `;width:${box.width}px;height:${box.height}px;background:#ddd`);
    });
    for (const styled of root.querySelectorAll('[style*="data:"]')) {
      styled.style.backgroundImage = "none";
    }
  }

  function copy(token) {
    const root = document.documentElement;
    const copied = still(root);
    forgetTyped(copied);
    lighten(copied, null);
    let html = copied.outerHTML;
    if (html.length > LARGEST_COPY) {
      lighten(copied, root);
      html = copied.outerHTML;
    }
    if (html.length > LARGEST_COPY) {
      bridge.hand(JSON.stringify({ token, url: location.href, too_large: html.length }));
      return;
    }
    const mode = document.compatMode === "CSS1Compat" ? "<!doctype html>" : "";
    // Rules that scripts wrote are in no text of the page.
    const written = Array.from(document.querySelectorAll("style"))
      .filter((style) => style.sheet && !style.textContent.trim())
      .map((style) => style.sheet);
    const css = [...written, ...(document.adoptedStyleSheets || [])]
      .map((sheet) => Array.from(sheet.cssRules).map((rule) => rule.cssText).join("\n"))
      .join("\n");
    bridge.hand(JSON.stringify({
      token,
      url: location.href,
      base: document.baseURI,
      html: mode + html,
      css,
      size: sizeOfPage(),
    }));
  }

  function copyWhenIdle(token) {
    if (bridge) requestIdleCallback(() => copy(token), { timeout: 1000 });
  }

  if (!isTop) {
    window.__journeylab = { drain };
    return;
  }
  // In a copy of a page there is nothing to watch.
  function stop() {
    isStopped = true;
    observer.disconnect();
    clearInterval(restTimer);
  }

  window.__journeylab = { tellWhenPainted, place, pressed, track, copy: copyWhenIdle, stop };
  // A site that is drawn by another process than the one before has its line a moment later.
  let isStopped = false;
  function connect() {
    if (isStopped) return;
    if (typeof qt === "undefined" || !qt.webChannelTransport) {
      setTimeout(connect, CONNECT_EVERY_MS);
      return;
    }
    new QWebChannel(qt.webChannelTransport, (channel) => {
      bridge = channel.objects.journeylab;
      waiting.forEach(send);
      waiting = [];
      tell("ready", {});
      tellCaret(true);
    });
  }
  connect();
})();
