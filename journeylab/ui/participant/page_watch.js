// Watches a page for the study and changes nothing on it. Runs in a world of its own: the page's
// scripts can neither see it nor speak to it. What a person types is never read, only its length.
(() => {
  "use strict";
  if (window.top !== window || window.__journeylab) return;

  const SCROLL_EVERY_MS = 100;
  const CHANGES_EVERY_MS = 300;
  const OLDEST_EVENT_MS = 250;
  let bridge = null;
  let waiting = [];

  const clip = (text, length) => String(text || "").replace(/\s+/g, " ").trim().slice(0, length);

  function send(message) {
    message.age_ms = performance.now() - message.at_ms;
    delete message.at_ms;
    bridge.tell(JSON.stringify(message));
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
    else waiting.push(message);
  }

  function isAlone(selector) {
    return document.querySelectorAll(selector).length === 1;
  }

  // The shortest path from an ancestor with an id, or from the root, that means this element alone.
  function selectorOf(element) {
    const parts = [];
    for (let node = element; node && node.nodeType === Node.ELEMENT_NODE; node = node.parentElement) {
      if (node.id && isAlone("#" + CSS.escape(node.id))) {
        parts.unshift("#" + CSS.escape(node.id));
        break;
      }
      const tag = CSS.escape(node.localName);
      const twins = node.parentElement
        ? Array.from(node.parentElement.children).filter((child) => child.localName === node.localName)
        : [node];
      parts.unshift(twins.length > 1 ? `${tag}:nth-of-type(${twins.indexOf(node) + 1})` : tag);
    }
    return parts.join(" > ");
  }

  function elementOf(event) {
    const target = event.composedPath()[0];
    if (target instanceof Element) return target;
    return target && target.parentElement ? target.parentElement : document.documentElement;
  }

  function middleOf(element) {
    const box = element.getBoundingClientRect();
    return [box.left + box.width / 2 + window.scrollX, box.top + box.height / 2 + window.scrollY];
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

  let lastPointerClick = -1000;
  addEventListener("click", (event) => {
    const isByPointer = event.pointerId === undefined || event.pointerId >= 0;
    // A label passes its click on to its field: one press of the finger is one click.
    if (!isByPointer && performance.now() - lastPointerClick < 30) return;
    if (isByPointer) lastPointerClick = performance.now();
    if (!event.isTrusted) return;
    const element = elementOf(event);
    const at = isByPointer ? [event.pageX, event.pageY] : middleOf(element);
    const how = isByPointer ? "" : " (key)";
    tell("click", { selector: selectorOf(element), page: at, detail: sayElement(element) + how }, event);
  }, true);

  // A disabled control swallows the click, and that is exactly when people press again.
  addEventListener("pointerdown", (event) => {
    const element = elementOf(event);
    if (event.button !== 0 || !element.closest(":disabled")) return;
    const detail = "disabled " + sayElement(element);
    tell("click", { selector: selectorOf(element), page: [event.pageX, event.pageY], detail }, event);
  }, true);

  const scrolled = new Map();
  let scrollTimer = 0;
  let lastScroll = -1000;
  function tellScrolls() {
    scrollTimer = 0;
    lastScroll = performance.now();
    for (const [target, event] of scrolled) {
      const isPage = target === document;
      tell("scroll", {
        selector: isPage ? "" : selectorOf(target),
        detail: isPage ? "" : `element at ${Math.round(target.scrollLeft)},${Math.round(target.scrollTop)}`,
      }, event);
    }
    scrolled.clear();
  }
  addEventListener("scroll", (event) => {
    scrolled.set(event.target, event);
    if (scrollTimer) return;
    scrollTimer = setTimeout(tellScrolls, Math.max(0, SCROLL_EVERY_MS - (performance.now() - lastScroll)));
  }, { capture: true, passive: true });

  addEventListener("invalid", (event) => {
    const field = event.target;
    tell("invalid", { selector: selectorOf(field), page: middleOf(field), detail: clip(field.validationMessage, 160) }, event);
  }, true);

  addEventListener("change", (event) => {
    const field = event.target;
    if (!(field instanceof Element)) return;
    tell("change", { selector: selectorOf(field), page: middleOf(field), detail: "field: " + sayField(field) }, event);
  }, true);

  // A zoomed page would no longer lie where gaze and clicks say it does.
  addEventListener("wheel", (event) => {
    if (event.ctrlKey) event.preventDefault();
  }, { capture: true, passive: false });

  function watchChanges() {
    let counts = null;
    const report = () => {
      const { added, removed, restyled, target } = counts;
      counts = null;
      const element = target instanceof Element ? target : target.parentElement;
      if (!element) return;
      tell("change", {
        selector: selectorOf(element),
        page: middleOf(element),
        detail: `page: ${added} added, ${removed} removed, ${restyled} restyled`,
      });
    };
    new MutationObserver((mutations) => {
      if (!counts) {
        counts = { added: 0, removed: 0, restyled: 0, target: mutations[0].target };
        setTimeout(report, CHANGES_EVERY_MS);
      }
      for (const mutation of mutations) {
        counts.added += mutation.addedNodes.length;
        counts.removed += mutation.removedNodes.length;
        counts.restyled += mutation.type === "attributes" ? 1 : 0;
      }
    }).observe(document.documentElement, {
      childList: true,
      subtree: true,
      characterData: true,
      attributes: true,
      attributeFilter: ["class", "style", "hidden", "open", "disabled", "aria-expanded"],
    });
  }

  // Two animation frames after now, what stood on the page now has been drawn.
  function tellWhenPainted(token) {
    requestAnimationFrame(() => requestAnimationFrame(() => tell("painted", { detail: String(token) })));
  }

  let hasLoaded = false;
  function loaded() {
    if (hasLoaded) return;
    hasLoaded = true;
    const root = document.documentElement;
    const entry = performance.getEntriesByType("navigation")[0];
    const took = entry && entry.loadEventStart ? entry.loadEventStart : performance.now();
    tell("load", {
      page: [0, 0],
      detail: `${root.scrollWidth}x${root.scrollHeight} px in ${Math.round(took)} ms`,
    });
    tellWhenPainted("load");
    watchChanges();
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

  window.__journeylab = { tellWhenPainted };
  new QWebChannel(qt.webChannelTransport, (channel) => {
    bridge = channel.objects.journeylab;
    waiting.forEach(send);
    waiting = [];
  });
})();
