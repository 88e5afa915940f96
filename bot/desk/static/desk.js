/* Keys and live updates of the desk; see docs/desk.md. Pages work without it. */
(() => {
  "use strict";
})();
