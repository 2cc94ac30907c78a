import { Html, html } from "../report/html.js";
import { style } from "../report/style.js";
import { version } from "../version.js";

/** A page that needs no other file and no network. */
export function page(title: string, eyebrow: string, body: Html): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Hawksbill</title>
<style>${new Html(style)}</style>
</head>
<body>
<header>
<p class="eyebrow">${eyebrow}</p>
<h1>${title}</h1>
</header>
<main>
${body}
</main>
<footer>Made by Hawksbill ${version}.</footer>
</body>
</html>
`.text;
}
