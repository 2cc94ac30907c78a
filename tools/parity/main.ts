import { parity } from "./parity.js";

try {
  const ok = await parity(process.argv.slice(2), console.log);
  process.exitCode = ok ? 0 : 1;
} catch (error) {
  console.error(`parity: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
