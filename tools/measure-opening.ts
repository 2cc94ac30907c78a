/**
 * How long it takes to open checkpoints and list their tensors, and how much memory:
 *
 *   npx tsx --conditions=@hawksbill/source tools/measure-opening.ts FILE...
 */
import { openCheckpoint } from "@hawksbill/checkpoint/node";

for (const path of process.argv.slice(2)) {
  const before = process.memoryUsage.rss();
  const start = performance.now();
  const checkpoint = await openCheckpoint(path);
  const milliseconds = Math.round(performance.now() - start);
  const megabytes = Math.round((process.memoryUsage.rss() - before) / 1e6);
  const all = Math.round(process.resourceUsage().maxRSS / 1000);
  const count = Object.keys(checkpoint.tensors).length;
  console.log(
    `${path}: ${count} tensors in ${milliseconds} ms and ${megabytes} MB; ${all} MB in all`,
  );
  await checkpoint.close();
}
