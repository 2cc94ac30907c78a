/**
 * Compiles each packages/NAME/kernels/KERNEL.ts (AssemblyScript) to packages/NAME/src/KERNEL.wasm.ts:
 *
 *   npx tsx tools/build-kernels.ts
 *
 * What it writes is committed, so that the sources run without a build; build-kernels.test.ts compares.
 */
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import asc from "assemblyscript/asc";

// Without a runtime: kernels allocate nothing, they lay out their memory themselves.
const options = "-O3 --noAssert --runtime stub --initialMemory 1 --enable simd".split(" ");

interface Kernel {
  readonly source: string;
  readonly target: string;
}

/** All that there are. */
export function kernels(): Kernel[] {
  const folders = readdirSync("packages").map((name) => `packages/${name}`);
  return folders
    .filter((folder) => existsSync(`${folder}/kernels`))
    .flatMap((folder) =>
      readdirSync(`${folder}/kernels`)
        .filter((file) => file.endsWith(".ts"))
        .map((file) => ({
          source: `${folder}/kernels/${file}`,
          target: `${folder}/src/${file.replace(/\.ts$/, ".wasm.ts")}`,
        })),
    );
}

/** @returns The text of a kernel's `target`. */
export async function compileKernel({ source }: Kernel): Promise<string> {
  let bytes = new Uint8Array();
  const { error, stderr } = await asc.main([source, "--outFile", "out.wasm", ...options], {
    writeFile: (_, contents) => {
      bytes = contents as Uint8Array<ArrayBuffer>;
    },
  });
  if (error) throw new Error(`${source}: ${error.message}\n${stderr}`);
  return `// Compiled from ${source.split("/").slice(2).join("/")} by tools/build-kernels.ts.

const base64 =
  "${Buffer.from(bytes).toString("base64")}";

/** What is used of it; not all that this is compiled with declares it. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { readonly exports: unknown };
};

/** A new instance, with a memory of its own. */
export function instantiate(): unknown {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  return new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
}
`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href)
  for (const kernel of kernels()) writeFileSync(kernel.target, await compileKernel(kernel));
