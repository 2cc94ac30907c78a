export { DocumentError } from "./document-error.js";
export { type DocumentText, readDocument } from "./read-document.js";
