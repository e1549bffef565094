// The secret of the link. It is taken out of the address, where it would be seen over a shoulder, copied with the address
// or kept in the history, and put into the tab's own storage (sessionStorage): a reload finds it there, another tab or
// another site does not. Where there is no such storage the address stays as it is.

export function takeQuery(location, history, storage) {
  const key = `termd-link:${location.pathname}`;
  const query = location.search;
  try {
    if (!new URLSearchParams(query).has("arg")) return storage().getItem(key) ?? query;
    storage().setItem(key, query);
    history.replaceState(null, "", location.pathname + location.hash);
  } catch {
    // no storage: the address stays as it is
  }
  return query;
}

/** Where ttyd's WebSocket is, beside the page. */
export function socketUrl(location, query) {
  const url = new URL("ws", location.href);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  url.search = query;
  url.hash = "";
  return url.href;
}
