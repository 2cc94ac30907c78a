export { type AudioFormatName, audioFormats } from "./audio-formats.js";
export type { Outcome, RequestEvent, SpeechFacts } from "./request-record.js";
export { refusing, type SpeechModel, SpeechRefused, type SpeechRequest } from "./speech-model.js";
export { SpeechServer, type SpeechServerOptions } from "./speech-server.js";
