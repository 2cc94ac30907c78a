export { type CallOptions, type Connection, connect, type Remote } from "./connect.js";
export { moved } from "./pack.js";
export type { ChildPort, NodePort, ProcessPort, WebPort, WorkerPort } from "./port.js";
export { type CallContext, type Handlers, serve } from "./serve.js";
export { WorkerError } from "./worker-error.js";
