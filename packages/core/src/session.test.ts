import { type InferenceSession, Tensor as OrtTensor } from "onnxruntime-common";
import { afterEach, expect, test, vi } from "vitest";
import { fakeGpu } from "../fixtures/fake-gpu.js";
import type { Backend, Gpu } from "./backend.js";
import { ones } from "./create-tensor.js";
import type { Device } from "./device.js";
import { graphOf } from "./onnx.js";
import { openDevice } from "./open-device.js";
import { createDevice } from "./runtime.js";
import { Tensor } from "./tensor.js";

afterEach(() => vi.useRealTimers());

/** A device with a GPU that can be lost, whose programs load and run as they are told. */
function fakeDevice(create: () => Promise<Pick<InferenceSession, "run" | "release">>): {
  device: Device;
  gpu: Gpu;
  lose(): void;
} {
  const { gpu, lose } = fakeGpu();
  const device = createDevice({
    name: "webgpu",
    ort: { InferenceSession: { create }, Tensor: OrtTensor },
    sessionOptions: {},
    limits: {},
    mayFallBack: false,
    gpu,
    readsDeviceTensors: true,
  } as unknown as Backend);
  return { device, gpu, lose };
}

const input = new Tensor("float32", [1], { kind: "input", name: "input_0" });
const copy = graphOf([input], [input]);
const never = new Promise<never>(() => undefined);

test("a run that never ends on a GPU that is gone holds up no other device", async () => {
  const cpu = await openDevice("cpu", { threads: 1 });
  const working = await cpu.load(copy);
  vi.useFakeTimers();
  const release = vi.fn(async () => undefined);
  const { device, lose } = fakeDevice(async () => ({ run: () => never, release }));
  const session = await device.load(copy);
  const lost = { reason: "lost" };
  const hung = expect(session.run([ones([1])])).rejects.toMatchObject(lost);
  const waiting = [session.run([ones([1])]), device.load(copy)].map((work) =>
    expect(work).rejects.toMatchObject(lost),
  );
  const next = working.run([ones([1])]);
  lose();
  await vi.advanceTimersByTimeAsync(10_000); // More than the patience with a GPU that is gone.
  await Promise.all([hung, ...waiting]);
  vi.useRealTimers();
  expect((await next)[0]?.dataSync()).toEqual(Float32Array.of(1));
  await device.close();
  expect(release).toHaveBeenCalledOnce();
  await cpu.close();
});

test("a program that loads while its device is closed is freed", async () => {
  let finish: () => void = () => undefined;
  const loaded = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const release = vi.fn(async () => undefined);
  const { device } = fakeDevice(() => loaded.then(() => ({ run: () => never, release })));
  const loading = expect(device.load(copy)).rejects.toMatchObject({ reason: "closed" });
  await new Promise((resolve) => setTimeout(resolve)); // So that it is under way.
  await device.close();
  finish();
  await loading;
  await vi.waitFor(() => expect(release).toHaveBeenCalledOnce());
});

test("a program that loads only after its GPU is gone is freed, and holds up no other", async () => {
  vi.useFakeTimers();
  let finish: () => void = () => undefined;
  const loaded = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const release = vi.fn(async () => undefined);
  const { device, lose } = fakeDevice(() => loaded.then(() => ({ run: () => never, release })));
  const loading = expect(device.load(copy)).rejects.toMatchObject({ reason: "lost" });
  await vi.advanceTimersByTimeAsync(1); // So that it is under way.
  lose();
  await vi.advanceTimersByTimeAsync(10_000);
  await loading;
  finish();
  vi.useRealTimers();
  await vi.waitFor(() => expect(release).toHaveBeenCalledOnce());
  await device.close();
});

test("a GPU is ended although a program cannot be freed, which is told", async () => {
  const release = vi.fn(async () => undefined).mockRejectedValueOnce(new Error("no"));
  const { device, gpu } = fakeDevice(async () => ({ run: () => never, release }));
  const destroy = vi.spyOn(gpu, "destroy");
  await device.load(copy);
  await device.load(copy);
  await expect(device.close()).rejects.toThrow("no");
  expect(release).toHaveBeenCalledTimes(2);
  expect(destroy).toHaveBeenCalledOnce();
});
