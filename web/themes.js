// The colours of the terminal; those of the page around it are in page.css.

export const THEMES = {
  dark: {
    background: "#16181d", foreground: "#d8dbe2", cursor: "#d8dbe2", cursorAccent: "#16181d",
    selectionBackground: "#3d5a80aa",
    black: "#2a2e37", red: "#f0716f", green: "#8fc97a", yellow: "#e2b55b",
    blue: "#6cacf0", magenta: "#c792e0", cyan: "#5fc7c7", white: "#d8dbe2",
    brightBlack: "#6b7280", brightRed: "#ff8f8b", brightGreen: "#a9e08f", brightYellow: "#f5cd78",
    brightBlue: "#8fc3ff", brightMagenta: "#dcb0f0", brightCyan: "#84e0e0", brightWhite: "#ffffff",
  },
  light: {
    background: "#fdfdfc", foreground: "#24292f", cursor: "#24292f", cursorAccent: "#fdfdfc",
    selectionBackground: "#a8cbf5aa",
    black: "#24292f", red: "#b42318", green: "#1f7a3a", yellow: "#8a5a00",
    blue: "#1259b3", magenta: "#8a2ba8", cyan: "#0b6e79", white: "#5c6370",
    brightBlack: "#6b7280", brightRed: "#cf3a2e", brightGreen: "#2b9348", brightYellow: "#a66f00",
    brightBlue: "#1f74d9", brightMagenta: "#a441c4", brightCyan: "#12858f", brightWhite: "#30363d",
  },
};
