// A page in a device frame finds itself on that device: its screen, its pixels, its touch screen,
// and what media queries say of them, in scripts and in style sheets. Fingers themselves are made
// of the mouse by the browser view, so that pages receive real touches. Given
// { size: [width, height] or null, ratio: number or null, touch: true or false, platform: text or
// null }.
((surface) => {
  "use strict";
  const define = (target, name, value) => {
    Object.defineProperty(target, name, { get: () => value, configurable: true, enumerable: true });
  };
  // The script may be brought in twice, by the page and by its profile. The engine's own getter is
  // called "get maxTouchPoints".
  const mark = Object.getOwnPropertyDescriptor(Navigator.prototype, "maxTouchPoints");
  if (mark.get.name === "get") return;

  const points = surface.touch ? 5 : navigator.maxTouchPoints;
  define(Navigator.prototype, "maxTouchPoints", points);
  if (surface.platform) define(Navigator.prototype, "platform", surface.platform);
  if (surface.size) {
    const [width, height] = surface.size;
    for (const [name, value] of Object.entries({ width, height, availWidth: width, availHeight: height, availLeft: 0, availTop: 0 })) {
      define(Screen.prototype, name, value);
    }
    define(window, "outerWidth", width);
    define(window, "outerHeight", height);
    define(ScreenOrientation.prototype, "type", height >= width ? "portrait-primary" : "landscape-primary");
    define(ScreenOrientation.prototype, "angle", 0);
  }
  if (surface.ratio) define(window, "devicePixelRatio", surface.ratio);
  if (surface.touch) {
    for (const target of [window, Document.prototype, HTMLElement.prototype]) {
      for (const name of ["ontouchstart", "ontouchmove", "ontouchend", "ontouchcancel"]) {
        if (!(name in target)) Object.defineProperty(target, name, { value: null, writable: true, configurable: true });
      }
    }
  }

  // -- media queries -----------------------------------------------------------------------

  const YES = "(min-width: 0px)";
  const NO = "(max-width: 0px)";
  const say = (holds) => (holds ? YES : NO);
  const PER_DPPX = { dppx: 1, x: 1, dpi: 96, dpcm: 96 / 2.54 };

  function compares(own, how, value) {
    if (how === "min-" || how === ">=") return own >= value;
    if (how === "max-" || how === "<=") return own <= value;
    if (how === ">") return own > value;
    if (how === "<") return own < value;
    return own === value;
  }

  function adapted(query) {
    let text = String(query);
    if (surface.touch) {
      text = text
        .replace(/\(\s*(?:any-)?pointer\s*(?::\s*([\w-]+)\s*)?\)/gi, (_, kind) => say(!kind || kind.toLowerCase() === "coarse"))
        .replace(/\(\s*(?:any-)?hover\s*(?::\s*([\w-]+)\s*)?\)/gi, (_, kind) => say(Boolean(kind) && kind.toLowerCase() === "none"));
    }
    if (surface.ratio) {
      text = text
        .replace(/\(\s*(?:-webkit-)?(min-|max-)?device-pixel-ratio\s*:\s*([\d.]+)\s*\)/gi, (_, how, value) => say(compares(surface.ratio, how, Number(value))))
        .replace(/\(\s*-webkit-(min|max)-device-pixel-ratio\s*:\s*([\d.]+)\s*\)/gi, (_, how, value) => say(compares(surface.ratio, `${how}-`, Number(value))))
        .replace(/\(\s*(min-|max-)?resolution\s*(:|>=|<=|>|<|=)\s*([\d.]+)(dppx|dpi|dpcm|x)\s*\)/gi, (_, how, sign, value, unit) =>
          say(compares(surface.ratio, how || sign, Number(value) / PER_DPPX[unit.toLowerCase()])));
    }
    if (surface.size) {
      const [width, height] = surface.size;
      text = text.replace(/\(\s*(min-|max-)?device-(width|height)\s*(:|>=|<=|>|<|=)\s*([\d.]+)(px|em|rem)\s*\)/gi,
        (_, how, side, sign, value, unit) =>
          say(compares(side.toLowerCase() === "width" ? width : height, how || sign, Number(value) * (unit.toLowerCase() === "px" ? 1 : 16))));
    }
    return text;
  }

  const native = window.matchMedia;
  window.matchMedia = function matchMedia(query) {
    const list = native.call(window, adapted(query));
    if (adapted(query) !== String(query)) Object.defineProperty(list, "media", { value: String(query), configurable: true });
    return list;
  };

  function adaptMedia(media) {
    const text = media.mediaText;
    if (text && adapted(text) !== text) media.mediaText = adapted(text);
  }

  function adaptRules(rules) {
    for (const rule of rules) {
      if (rule instanceof CSSImportRule) {
        adaptMedia(rule.media);
        if (rule.styleSheet) adaptSheet(rule.styleSheet);
      } else {
        if (rule instanceof CSSMediaRule) adaptMedia(rule.media);
        if (rule.cssRules) adaptRules(rule.cssRules);
      }
    }
  }

  function adaptSheet(sheet) {
    try {
      if (sheet.media) adaptMedia(sheet.media);
      adaptRules(sheet.cssRules);
    } catch {
      // A style sheet of another site does not show its rules; its media queries stay the screen's.
    }
  }

  function adaptAll() {
    for (const sheet of document.styleSheets) adaptSheet(sheet);
  }

  for (const name of ["replaceSync", "replace"]) {
    const own = CSSStyleSheet.prototype[name];
    CSSStyleSheet.prototype[name] = function replaced(text) { return own.call(this, adapted(text)); };
  }
  const insert = CSSStyleSheet.prototype.insertRule;
  CSSStyleSheet.prototype.insertRule = function insertRule(rule, ...at) { return insert.call(this, adapted(rule), ...at); };

  const isStyle = (node) => node instanceof HTMLStyleElement || node instanceof HTMLLinkElement;
  new MutationObserver((changes) => {
    const isTouched = changes.some((change) =>
      isStyle(change.target) || isStyle(change.target.parentNode) || Array.from(change.addedNodes).some(isStyle));
    if (isTouched) adaptAll();
  }).observe(document, { childList: true, subtree: true, characterData: true });
  // What comes from elsewhere is there when it has loaded.
  document.addEventListener("load", (event) => { if (isStyle(event.target)) adaptAll(); }, true);
  for (const name of ["DOMContentLoaded", "load"]) addEventListener(name, adaptAll);
})
