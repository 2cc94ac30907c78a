import type { Backend } from "./backend.js";
import {
  type Device,
  DeviceError,
  type DeviceOptions,
  type LoadOptions,
  type Session,
} from "./device.js";
import { watchDevice } from "./device-end.js";
import { float16Products } from "./float16-products.js";
import { requireFits, smallerLimits } from "./limits.js";
import { type Graph, type GraphConstant, isRead } from "./onnx.js";
import { inTurn } from "./run-queue.js";
import { createSession } from "./session.js";
import { splitConstants } from "./split-constants.js";
import { bytesOf } from "./traffic.js";

/** A device over one of ONNX Runtime's packages. */
export function createDevice(
  backend: Backend,
  options: Pick<DeviceOptions, "limits" | "onFallback" | "products"> = {},
): Device {
  const sessions = new Set<Session>();
  const end = watchDevice(backend);
  const traffic = { up: 0, down: 0 };
  const limits = smallerLimits(backend.limits, options.limits);

  /** Apart from what outlives it, such as the session's own functions: they would hold on to all constants. */
  async function open(graph: Graph, load: LoadOptions): Promise<Session> {
    const isHalf = options.products === "float16";
    const read = await readConstants(graph, isHalf ? {} : backend);
    const chosen = isHalf ? float16Products(read, load) : read;
    const fitting = splitConstants(chosen, limits.tensorBytes ?? Number.POSITIVE_INFINITY);
    requireFits(fitting, limits, { device: backend.name, program: load.name ?? "program" });
    const session = await inTurn(async () => {
      if (end.error) throw end.error; // While it waited for its turn.
      const created = createSession({ backend, device, options, traffic, end }, fitting, load);
      try {
        const session = await end.during(created);
        if (end.error) throw end.error; // Closed meanwhile.
        sessions.add(session);
        return session;
      } catch (error) {
        // In a turn of its own, and not waited for: on a GPU that is gone it may never be there.
        void created.then((session) => session.release()).catch(() => undefined);
        throw error;
      }
    });
    for (const constant of fitting.constants)
      if (isRead(constant.data)) traffic.up += bytesOf(constant);
    return session;
  }

  const device: Device = {
    name: backend.name,
    keepsResults: backend.name === "webgpu",
    limits,
    traffic,
    async load(graph, load = {}) {
      if (end.error) throw end.error;
      const session = await open(graph, load);
      return {
        run: (inputs) => (end.error ? Promise.reject(end.error) : session.run(inputs)),
        async release() {
          if (sessions.delete(session)) await session.release();
        },
      };
    },
    async close() {
      end.set(
        new DeviceError(`${backend.name}: the device was closed; open it again`, {
          reason: "closed",
        }),
      );
      const released = await Promise.allSettled([...sessions].map((session) => session.release()));
      sessions.clear();
      backend.gpu?.destroy();
      const failure = released.find((one) => one.status === "rejected");
      if (failure) throw failure.reason;
    },
  };
  return device;
}

/** Small constants are read: mapping gains nothing, and operators need the values of shapes and axes. */
const mappedFromBytes = 1024;

/** The graph with the elements of all constants that cannot be mapped from their files. */
async function readConstants(graph: Graph, { locate }: Pick<Backend, "locate">): Promise<Graph> {
  const read = async (constant: GraphConstant): Promise<GraphConstant> => {
    const { data } = constant;
    if (isRead(data)) return constant;
    if (data.file && bytesOf(constant) >= mappedFromBytes && locate?.(data.file.path) !== undefined)
      return constant;
    return { ...constant, data: await data.tensor.data() };
  };
  return { ...graph, constants: await Promise.all(graph.constants.map(read)) };
}
