import type { Device, Session } from "./device.js";
import { requireFits } from "./limits.js";
import { type Graph, type GraphConstant, isRead } from "./onnx.js";

interface Shared {
  readonly session: Promise<Session>;
  programs: number;
}

/** Loads programs so that those which differ in nothing but the lengths of their inputs are one session. */
export class SharedSessions {
  readonly #device: Device;
  readonly #name: string;
  readonly #loaded = new Map<string, Shared>();

  constructor(device: Device, name: string) {
    this.#device = device;
    this.#name = name;
  }

  async load(graph: Graph, keepOnDevice: boolean | readonly boolean[]): Promise<Session> {
    const key = JSON.stringify([lengthless(graph), keepOnDevice]);
    const known = this.#loaded.get(key);
    if (known) {
      // Of another length than the one that was found to fit. The constants are on the device already.
      const program = { device: this.#device.name, program: this.#name };
      requireFits({ ...graph, constants: [] }, this.#device.limits, program);
    }
    const shared = known ?? {
      session: this.#device.load(graph, { name: this.#name, keepOnDevice, anyLength: true }),
      programs: 0,
    };
    this.#loaded.set(key, shared);
    shared.programs++;
    const release = async (): Promise<void> => {
      if (--shared.programs > 0) return;
      this.#loaded.delete(key);
      await (await shared.session).release();
    };
    try {
      const session = await shared.session;
      return { run: (inputs) => session.run(inputs), release };
    } catch (error) {
      await release().catch(() => undefined);
      throw error;
    }
  }
}

/** All of a graph but the shapes of what it is given and makes. */
function lengthless({ inputs, outputs, nodes, constants }: Graph): string {
  return JSON.stringify([
    inputs.map(({ dtype, shape }) => [dtype, shape.length]),
    outputs.length,
    nodes.map(({ op, inputs, outputs, attributes }) => [op, inputs, outputs, attributes]),
    constants.map(({ name, dtype, shape, data }) => [name, dtype, shape, contentOf(data)]),
  ]);
}

/** Elements of a constant, or, where they are many, a number that is theirs alone. */
function contentOf(data: GraphConstant["data"]): string | number {
  if (!isRead(data)) return identity(data.tensor);
  return data.length <= 16 ? `${data}` : identity(data);
}

const identities = new WeakMap<object, number>();
let identified = 0;

function identity(object: object): number {
  const known = identities.get(object) ?? identified++;
  identities.set(object, known);
  return known;
}
