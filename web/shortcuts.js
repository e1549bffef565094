// Keys that are for the page and not for the terminal.

/** The action that a key asks for; undefined: none, it goes to the terminal. "browser": the browser's own meaning of it. */
export function actionOf({ key, code, ctrlKey, shiftKey, altKey, metaKey }) {
  if (altKey || ctrlKey === metaKey) return undefined;
  if (shiftKey && ctrlKey) {
    if (code === "KeyC") return "copy";
    if (code === "KeyV") return "browser";
    if (code === "KeyF") return "search";
  }
  if (metaKey && key === "f") return "search";
  if (key === "+" || key === "=") return "larger";
  if (key === "-") return "smaller";
  if (key === "0") return "usual";
  return undefined;
}

export function listenToShortcuts(actions) {
  document.addEventListener(
    "keydown",
    (event) => {
      const action = actionOf(event);
      if (!action) return;
      event.stopPropagation(); // the terminal is not to see it
      if (action === "browser") return;
      event.preventDefault();
      actions[action]();
    },
    { capture: true },
  );
}
