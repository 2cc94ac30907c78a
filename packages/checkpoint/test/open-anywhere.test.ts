/// <reference types="vite/client" />
import { tensor } from "@hawksbill/core";
import { expect, test } from "vitest";
import {
  type CheckpointSource,
  decodeSafetensors,
  encodePth,
  encodeSafetensors,
  openCheckpoint,
} from "../src/index.js";

// These run in Node and in browsers.

/** torch's files as data URLs. */
const files = import.meta.glob<string>("../fixtures/pth/*", {
  query: "?url&inline",
  import: "default",
  eager: true,
});
const bytesOf = async (file: string): Promise<Uint8Array> =>
  new Uint8Array(await (await fetch(files[`../fixtures/pth/${file}`] ?? "")).arrayBuffer());

test.each(["state_dict_zip.pth", "state_dict_legacy.pth"])("reads torch's %s", async (file) => {
  const { tensors } = await openCheckpoint(await bytesOf(file));
  const expected = decodeSafetensors(await bytesOf("expected.safetensors"));
  for (const [name, x] of Object.entries(expected.tensors))
    expect(await tensors[name]?.data()).toEqual(x.dataSync());
});

const numbers = Float32Array.from({ length: 100 }, (_, i) => i);
const pth = encodePth({ model: { w: tensor(numbers) }, step: 5 }) as Uint8Array<ArrayBuffer>;

const sources: Record<string, () => CheckpointSource> = {
  "a File": () => new File([pth], "m.pth"),
  "a Blob": () => new Blob([pth]),
  "a URL": () => new URL(URL.createObjectURL(new Blob([pth]))),
  bytes: () => pth,
};
test.each(Object.entries(sources))("opens %s", async (_, source) => {
  const { tensors, values } = await openCheckpoint(source());
  expect(values).toEqual({ step: 5 });
  expect(await tensors["model.w"]?.data()).toEqual(numbers);
});

const storage = globalThis.navigator?.storage;
test.skipIf(!storage?.getDirectory)("opens shards in OPFS (needs a browser)", async () => {
  const folder = await storage.getDirectory();
  const write = async (name: string, content: Uint8Array | string): Promise<void> => {
    const file = await (await folder.getFileHandle(name, { create: true })).createWritable();
    await file.write(content as Uint8Array<ArrayBuffer>);
    await file.close();
  };
  const read = async (name: string): Promise<File> => (await folder.getFileHandle(name)).getFile();
  await write("m-1.safetensors", encodeSafetensors({ w: tensor(numbers) }));
  await write("m.index.json", JSON.stringify({ weight_map: { w: "m-1.safetensors" } }));
  const { tensors } = await openCheckpoint(await read("m.index.json"), { sibling: read });
  expect(await tensors.w?.data()).toEqual(numbers);
});
