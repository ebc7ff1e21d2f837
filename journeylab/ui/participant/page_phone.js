// A phone has a touch screen, and its pages may ask. Fingers themselves are made of the mouse by
// the browser view, so that pages receive real touches.
(() => {
  "use strict";
  Object.defineProperty(Navigator.prototype, "maxTouchPoints", { get: () => 5, configurable: true });
  for (const target of [window, Document.prototype, HTMLElement.prototype]) {
    for (const name of ["ontouchstart", "ontouchmove", "ontouchend", "ontouchcancel"]) {
      if (!(name in target)) Object.defineProperty(target, name, { value: null, writable: true, configurable: true });
    }
  }
})();
