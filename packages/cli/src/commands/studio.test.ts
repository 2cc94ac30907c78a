import { existsSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { studioFolder } from "@hawksbill/studio";
import { expect, test } from "vitest";
import { runCli } from "../../test/run-cli.js";

const isBuilt = existsSync(new URL("index.html", studioFolder));

/** Takes a port that is free. */
async function takePort(): Promise<{ readonly port: number; readonly server: Server }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: Number(Object(server.address()).port), server };
}

test.skipIf(!isBuilt)(
  "serves the studio until it is interrupted (needs npm run build)",
  async () => {
    const { code, out } = await runCli(["studio", "--port", "0"], AbortSignal.abort());

    expect(code).toBe(0);
    expect(out).toMatch(/^The studio is at http:\/\/127\.0\.0\.1:\d+\/ \(Ctrl-C ends it\)\n$/);
  },
);

test.skipIf(!isBuilt)("says that a port is taken (needs npm run build)", async () => {
  const { port, server } = await takePort();

  const { code, error } = await runCli(["studio", "--port", `${port}`]);
  server.close();

  expect(code).toBe(1);
  expect(error).toBe(
    `Error: port ${port} is taken, perhaps by another studio; give a different one, or --port 0\n`,
  );
});

test("refuses ports that are none", async () => {
  const { error } = await runCli(["studio", "--port", "70000"]);

  expect(error).toContain("Give a port from 1 to 65535, or 0 for any that is free.");
});
