// Lets what plays on a page stand still while the session is paused, and go on afterwards. Runs in
// a world of its own, in each frame; nothing happens before it is called.
(() => {
  "use strict";
  if (window.__journeylabHold) return;

  const held = new Set();
  const heard = new WeakSet();
  let isHeld = false;

  function stop(media) {
    if (media.paused || media.ended) return;
    held.add(media);
    media.pause();
  }

  // A page may begin to play by itself in a pause.
  function onPlay(event) {
    if (isHeld && event.target instanceof HTMLMediaElement) stop(event.target);
  }

  function stopAllIn(root) {
    if (!heard.has(root)) {
      heard.add(root);
      root.addEventListener("play", onPlay, true);
    }
    root.querySelectorAll("video, audio").forEach(stop);
    for (const element of root.querySelectorAll("*")) {
      if (element.shadowRoot) stopAllIn(element.shadowRoot);
    }
  }

  window.__journeylabHold = (isToHold) => {
    isHeld = isToHold;
    if (isHeld) {
      stopAllIn(document);
      return;
    }
    for (const media of held) {
      if (media.isConnected) media.play().catch(() => {});
    }
    held.clear();
  };
})();
