export { type Chain, type ChainGradients, type ChainOptions, chainGradients } from "./chain.js";
export { channelGroups } from "./channel-groups.js";
export { NonFiniteError } from "./check-finite.js";
export {
  type CompiledFunction,
  type CompileOptions,
  compile,
  evaluate,
  type Program,
} from "./compile.js";
export {
  full,
  lazyTensor,
  literal,
  type NestedNumbers,
  ones,
  tensor,
  zeros,
} from "./create-tensor.js";
export { type DeviceDescription, describeDevices } from "./describe-devices.js";
export {
  type Device,
  DeviceError,
  type DeviceErrorReason,
  type DeviceName,
  type DeviceOptions,
  type Fallback,
} from "./device.js";
export {
  type DType,
  DTypeError,
  isFloat,
  type TypedArray,
  toFloat16Bits,
  toNumbers,
} from "./dtype.js";
export {
  checkpoint,
  grad,
  pullback,
  type ValueAndGrad,
  valueAndGrad,
  valueAndGradWithAux,
} from "./grad.js";
export type { DeviceLimits } from "./limits.js";
export type { Graph, GraphNode, GraphValue } from "./onnx.js";
export { deviceNames, openDevice } from "./open-device.js";
export type { Operand } from "./operands.js";
export * from "./ops/arithmetic.js";
export * from "./ops/attention.js";
export * from "./ops/indexing.js";
export * from "./ops/layout.js";
export * from "./ops/losses.js";
export * from "./ops/matrices.js";
export * from "./ops/norms.js";
export * from "./ops/products.js";
export * from "./ops/reductions.js";
export * from "./ops/rewire.js";
export { type Int8Matrix, quantizeInt8 } from "./quantize.js";
export { type BlockMatrix, quantizeBlocks } from "./quantize-blocks.js";
export {
  QuantizedWeights,
  type QuantizedWeightsOptions,
  type WeightPrecision,
} from "./quantized-weights.js";
export { philox, Random, type RandomState } from "./random.js";
export { liveTensors, scope } from "./scope.js";
export { type Shape, ShapeError, sizeOf } from "./shape.js";
export { supportsBlockMatrix, supportsFloat16 } from "./supports.js";
export { assign, DisposedError, Tensor, type TensorSource } from "./tensor.js";
export type { Traffic } from "./traffic.js";
export { download, upload } from "./transfer.js";
export { disposeTree, mapTree, subtree, type Tree, treeTensors, type Weights } from "./tree.js";
