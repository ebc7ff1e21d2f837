// Runs in the page's own world, in every frame, before its scripts. WebRTC and WebTransport send
// past the gate where each request is judged by the study's list: a page has neither of them.
(() => {
  "use strict";
  const past = [
    "RTCPeerConnection",
    "webkitRTCPeerConnection",
    "RTCDataChannel",
    "RTCIceTransport",
    "RTCDtlsTransport",
    "RTCSctpTransport",
    "WebTransport",
  ];

  function seal(world) {
    for (const name of past) {
      try {
        delete world[name];
      } catch {
        return; // a frame of another site: this script runs there by itself
      }
    }
  }

  seal(window);

  // A frame that is made by a script is there before anything runs in it, and what it holds is whole:
  // it is sealed when it is first reached for.
  for (const kind of [HTMLIFrameElement, HTMLFrameElement, HTMLObjectElement]) {
    for (const name of ["contentWindow", "contentDocument"]) {
      const own = Object.getOwnPropertyDescriptor(kind.prototype, name);
      const { get } = {
        get() {
          const found = own.get.call(this);
          if (found) seal(name === "contentWindow" ? found : found.defaultView || {});
          return found;
        },
      };
      Object.defineProperty(kind.prototype, name, { ...own, get });
    }
  }
  new MutationObserver(() => {
    for (let n = 0; n < window.length; n += 1) seal(window[n]);
  }).observe(document, { childList: true, subtree: true });
})();
