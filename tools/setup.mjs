// @ts-check
/** What `npm run demo` and `npm test` need on a fresh clone: uses nothing but Node and npm. */
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";

/**
 * Runs a command with its output shown; ends this process with the command's code if it fails.
 *
 * @param {string} command
 * @param {string[]} args
 */
export function run(command, args) {
  // Ctrl-C comes to the command as well, which may have to save: it is waited for.
  if (!process.listeners("SIGINT").includes(wait)) process.on("SIGINT", wait);
  const { status, error } = spawnSync(command, args, {
    stdio: "inherit",
    // npm and npx are .cmd files on Windows; Node is not, and a shell would split its path at spaces.
    shell: process.platform === "win32" && command !== process.execPath,
  });
  if (error) console.error(`${command}: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

function wait() {}

/** Installs the dependencies unless they are there and as new as the lock file. */
export function install() {
  const installed = "node_modules/.package-lock.json";
  const fresh =
    existsSync(installed) && statSync(installed).mtimeMs >= statSync("package-lock.json").mtimeMs;
  if (fresh) return;
  console.log("Installing dependencies (npm ci) …");
  // npm 10 does not know package.json's allowScripts, and onnxruntime-node's script would download CUDA.
  process.env.ONNXRUNTIME_NODE_INSTALL ??= "skip";
  run("npm", ["ci", "--no-audit", "--no-fund"]);
}

/** Builds what has changed since the last build. */
export function build() {
  console.log("Building what changed (nx) …");
  run("npx", ["nx", "run-many", "-t", "build", "--outputStyle=static"]);
}
