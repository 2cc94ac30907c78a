import type { Backend, Gpu, Opened } from "./backend.js";
import { type Device, DeviceError, type DeviceOptions, type Session } from "./device.js";
import { requireFits, smallerLimits } from "./limits.js";
import { type Graph, type GraphConstant, isRead } from "./onnx.js";
import { inTurn } from "./run-queue.js";
import { lostError } from "./runtime-error.js";
import { createSession } from "./session.js";
import { splitConstants } from "./split-constants.js";
import { bytesOf } from "./traffic.js";

/** A device over one of ONNX Runtime's packages. */
export function createDevice(
  backend: Backend,
  options: Pick<DeviceOptions, "limits" | "onFallback"> = {},
): Device {
  const sessions = new Set<Session>();
  let end: DeviceError | undefined;
  const traffic = { up: 0, down: 0 };
  const limits = smallerLimits(backend.limits, options.limits);
  const current: Opened["current"] = { fail: undefined };
  const gpus = new Map<Session, Gpu>();
  const watched = new WeakSet<Gpu>();

  /** ONNX Runtime itself lets go of the GPU with its last session, and takes it anew: that is no loss. */
  async function watch(session: Session): Promise<void> {
    const gpu = await backend.gpu?.();
    if (!gpu) return;
    gpus.set(session, gpu);
    if (watched.has(gpu)) return;
    watched.add(gpu);
    gpu.lost.then(({ message, reason }) => {
      if (![...gpus.values()].includes(gpu)) return;
      end ??= lostError(backend.name, message || reason);
      current.fail?.(end);
    });
  }

  const device: Device = {
    name: backend.name,
    keepsResults: backend.name === "webgpu",
    limits,
    traffic,
    async load(graph, load = {}) {
      if (end) throw end;
      const read = await readConstants(graph, backend);
      const fitting = splitConstants(read, limits.tensorBytes ?? Number.POSITIVE_INFINITY);
      requireFits(fitting, limits, { device: backend.name, program: load.name ?? "program" });
      const opened = { backend, device, options, traffic, current };
      const session = await inTurn(() => createSession(opened, fitting, load));
      await watch(session);
      for (const constant of fitting.constants)
        if (isRead(constant.data)) traffic.up += bytesOf(constant);
      sessions.add(session);
      return {
        run: (inputs) => (end ? Promise.reject(end) : session.run(inputs)),
        async release() {
          gpus.delete(session);
          if (sessions.delete(session)) await session.release();
        },
      };
    },
    async close() {
      end ??= new DeviceError(`${backend.name}: the device was closed; open it again`, {
        reason: "closed",
      });
      gpus.clear();
      await Promise.all([...sessions].map((session) => session.release()));
      sessions.clear();
    },
  };
  return device;
}

/** Small constants are read: mapping gains nothing, and operators need the values of shapes and axes. */
const mappedFromBytes = 1024;

/** The graph with the elements of all constants that cannot be mapped from their files. */
async function readConstants(graph: Graph, { locate }: Backend): Promise<Graph> {
  const read = async (constant: GraphConstant): Promise<GraphConstant> => {
    const { data } = constant;
    if (isRead(data)) return constant;
    if (data.file && bytesOf(constant) >= mappedFromBytes && locate?.(data.file.path) !== undefined)
      return constant;
    return { ...constant, data: await data.tensor.data() };
  };
  return { ...graph, constants: await Promise.all(graph.constants.map(read)) };
}
