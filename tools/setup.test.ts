import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const setup = fileURLToPath(new URL("setup.mjs", import.meta.url));

const saving = `
process.on("SIGINT", () => setTimeout(() => { console.log("saved"); process.exit(3); }, 300));
setInterval(() => {}, 1000);
console.log("ready");`;

test.skipIf(process.platform === "win32")(
  "Ctrl-C waits for the command to save, and gives its code (not on Windows)",
  async () => {
    const script = `import { run } from ${JSON.stringify(setup)}; run(process.execPath, ["-e", ${JSON.stringify(saving)}]);`;
    const parent = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
      detached: true, // A group of its own, which gets the signal as from a terminal.
    });
    let output = "";
    parent.stdout.on("data", (text) => {
      output += text;
    });
    await once(parent.stdout, "data");
    process.kill(-(parent.pid as number), "SIGINT");
    const [code] = await once(parent, "close");

    expect([code, output]).toEqual([3, "ready\nsaved\n"]);
  },
);
