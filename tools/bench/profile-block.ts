/**
 * Where a training step's time goes: ONNX Runtime's profile of the two programs of one GPT-2 block of random weights, on
 * one thread. Times are processor time, so that other work on the machine counts little; operators by their share.
 *
 *   npx tsx --conditions=@hawksbill/source tools/bench/profile-block.ts [full|lora-fp32|lora-int8 …]
 *     [--width 1024] [--heads 16] [--batch 1] [--positions 314] [--runs 10]
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import {
  compile,
  type Int8Matrix,
  int8Matrix,
  matmul,
  openDevice,
  quantizeInt8,
  Random,
  type Shape,
  type Tensor,
  treeTensors,
  type Weights,
} from "@hawksbill/core";
import { applied, initialiseAdapter } from "@hawksbill/trainer";
import { forwardBackward } from "../../packages/core/src/residuals.js";
import { block } from "../../packages/unified-voice/src/gpt.js";

/** What is used here of onnxruntime-node, which is core's dependency. */
interface Ort {
  readonly Tensor: new (dtype: string, data: unknown, shape: Shape) => object;
  readonly InferenceSession: {
    create(model: Uint8Array, options: object): Promise<ProfiledSession>;
  };
}
interface ProfiledSession {
  run(feeds: Readonly<Record<string, object>>): Promise<unknown>;
  endProfiling(): void;
  release(): Promise<void>;
}
const core = new URL("../../packages/core/package.json", import.meta.url);
const ort = createRequire(core)("onnxruntime-node") as Ort;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    width: { type: "string", default: "1024" },
    heads: { type: "string", default: "16" },
    batch: { type: "string", default: "1" },
    positions: { type: "string", default: "314" },
    runs: { type: "string", default: "10" },
  },
});
const [D, heads, B, T, runs] = [
  values.width,
  values.heads,
  values.batch,
  values.positions,
  values.runs,
].map(Number) as [number, number, number, number, number];
const random = new Random(0);
const device = await openDevice("cpu", { threads: 1 });
const weights: Weights = Object.fromEntries(
  Object.entries({
    "ln_1.weight": [D],
    "ln_1.bias": [D],
    "attn.c_attn.weight": [D, 3 * D],
    "attn.c_attn.bias": [3 * D],
    "attn.c_proj.weight": [D, D],
    "attn.c_proj.bias": [D],
    "ln_2.weight": [D],
    "ln_2.bias": [D],
    "mlp.c_fc.weight": [D, 4 * D],
    "mlp.c_fc.bias": [4 * D],
    "mlp.c_proj.weight": [4 * D, D],
    "mlp.c_proj.bias": [D],
  }).map(([name, shape]) => [name, random.normal(shape)]),
);
const [x, dy] = [random.normal([B, T, D]), random.normal([B, T, D])];

await rates();
for (const kind of positionals.length === 0 ? ["full", "lora-fp32", "lora-int8"] : positionals)
  await halves(kind);

type Frozen = Readonly<Record<string, Tensor | Int8Matrix>>;
type Given = { readonly trained: Weights; readonly x: Tensor };

async function halves(kind: string): Promise<void> {
  const adapter = initialiseAdapter(weights, { rank: 16, random });
  const isFull = kind === "full";
  const trained = isFull ? weights : adapter.weights;
  const frozen: Record<string, Tensor | Int8Matrix> = {};
  for (const [name, weight] of isFull ? [] : Object.entries(weights))
    frozen[name] = kind === "lora-int8" && weight.rank === 2 ? await quantizeInt8(weight) : weight;
  const { forward, backward } = forwardBackward(({ trained, x }: Given, frozen: Frozen) =>
    block(isFull ? trained : applied(whole(frozen), { ...adapter, weights: trained }), x, {
      heads,
    }),
  );
  const given: Given = { trained, x };
  const { residuals } = await compile(forward, { device })(given, frozen);
  await profile(`${kind}, forward`, forward, [given, frozen]);
  await profile(`${kind}, backward`, backward, [dy, residuals, given, frozen]);
}

function whole(frozen: Frozen): Weights {
  return Object.fromEntries(
    Object.entries(frozen).map(([name, weight]) => [
      name,
      "values" in weight ? int8Matrix(weight) : weight,
    ]),
  );
}

/** The rates of the largest product of a block, which bound all that is made of it. */
async function rates(): Promise<void> {
  const matrix = weights["mlp.c_fc.weight"] as Tensor;
  const int8 = await quantizeInt8(matrix);
  const ways = {
    float32: [compile((x: Tensor, w: Tensor) => matmul(x, w), { device }), matrix],
    "8 bits": [compile((x: Tensor, w: Int8Matrix) => matmul(x, int8Matrix(w)), { device }), int8],
  } as const;
  for (const [name, [multiply, by]] of Object.entries(ways)) {
    const product = multiply as (x: Tensor, by: Tensor | Int8Matrix) => Promise<Tensor>;
    const seconds = (await processorTime(async () => (await product(x, by)).dispose())) / 1000;
    const operations = 2 * x.size * 4 * D;
    console.log(`product in ${name}: ${Math.round(operations / seconds / 1e9)} GFLOP/s`);
  }
}

/** Milliseconds of this process a run, after a first one. */
async function processorTime(run: () => Promise<unknown>): Promise<number> {
  await run();
  const began = process.cpuUsage();
  for (let i = 0; i < runs; i++) await run();
  return process.cpuUsage(began).user / 1000 / runs;
}

async function profile<A extends unknown[]>(
  what: string,
  fn: (...args: A) => unknown,
  args: A,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "hawksbill-profile-"));
  const session = await ort.InferenceSession.create(compile(fn, { device }).program(...args).onnx, {
    intraOpNumThreads: 1,
    enableProfiling: true,
    profileFilePrefix: join(folder, "profile"),
  });
  const feeds = Object.fromEntries(
    treeTensors(args).map((x, i) => [`input_${i}`, new ort.Tensor(x.dtype, x.dataSync(), x.shape)]),
  );
  const ms = await processorTime(() => session.run(feeds));
  session.endProfiling();
  await session.release();
  const file = join(folder, readdirSync(folder)[0] as string);
  const events = JSON.parse(readFileSync(file, "utf8")) as ProfileEvent[];
  rmSync(folder, { recursive: true });
  console.log(`\n${what}: ${ms.toFixed(1)} ms`);
  report(events.filter(({ name }) => name.endsWith("_kernel_time")));
}

interface ProfileEvent {
  readonly name: string;
  /** Microseconds. */
  readonly dur: number;
  readonly args: {
    readonly op_name: string;
    readonly input_type_shape: readonly Readonly<Record<string, Shape>>[];
  };
}

/** The share of each operator with each form of inputs, largest first. */
function report(events: readonly ProfileEvent[]): void {
  const total = events.reduce((sum, { dur }) => sum + dur, 0);
  const shares = new Map<string, number>();
  let products = 0;
  for (const { dur, args } of events) {
    const shapes = args.input_type_shape.flatMap((typed) => Object.values(typed));
    const key = `${args.op_name} ${shapes.map((shape) => `[${shape}]`).join(" ")}`;
    shares.set(key, (shares.get(key) ?? 0) + dur / total);
    if (/MatMul|Gemm/.test(args.op_name)) products += dur / total;
  }
  const percent = (share: number): string => `${(100 * share).toFixed(1).padStart(6)} %`;
  console.log(`${percent(products)} all products`);
  for (const [key, share] of [...shares].sort(([, a], [, b]) => b - a).slice(0, 20))
    console.log(`${percent(share)} ${key}`);
}
