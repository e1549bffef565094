// Puts the page into one file: build.mjs NODE_MODULES OUTPUT

import { createHash } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const [modules, output] = process.argv.slice(2).map((path) => resolve(path));
const here = dirname(fileURLToPath(import.meta.url));
const { build } = await import(pathToFileURL(join(modules, "esbuild/lib/main.js")));

const bundle = await build({
  entryPoints: [join(here, "main.js")],
  nodePaths: [modules],
  outdir: "page",
  write: false,
  bundle: true,
  minify: true,
  legalComments: "none",
  target: ["chrome100", "firefox100", "safari15.4"],
  logLevel: "warning",
});
const content = (ending) => bundle.outputFiles.find(({ path }) => path.endsWith(ending)).text.trim();
const script = content(".js");
const style = content(".css");

// Nothing from outside, and no script but this one. xterm.js writes style sheets of its own.
const hash = createHash("sha256").update(script).digest("base64");
const policy = [
  "default-src 'none'",
  `script-src 'sha256-${hash}'`,
  "style-src 'unsafe-inline'",
  "connect-src 'self'", // the WebSocket
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

const licences = await Promise.all(
  ["@xterm/xterm", "js-base64"].map(async (name) => {
    const { version } = JSON.parse(await readFile(join(modules, name, "package.json")));
    return `${name} ${version}`;
  }),
);
const page = (await readFile(join(here, "page.html"), "utf8"))
  .replace("<!doctype html>", () => `<!doctype html>\n<!-- Contains ${licences.join(" and ")}, MIT licence. -->`)
  .replace("<!-- policy -->", () => `<meta http-equiv="Content-Security-Policy" content="${policy}">`)
  .replace("<!-- style -->", () => `<style>${style}</style>`)
  .replace("<!-- script -->", () => `<script>${script}</script>`);

// Whole or not at all: a ttyd may be serving it.
await writeFile(`${output}.new`, page);
await rename(`${output}.new`, output);
