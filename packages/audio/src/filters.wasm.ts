// Compiled from kernels/filters.ts by tools/build-kernels.ts.

const base64 =
  "AGFzbQEAAAABCAFgBH9/f38AAwMCAAAFAwEAAQYVBH8BQQALfwFBAAt/AUEAC38BQQALB0AHBnN0YXJ0cwMAB3dlaWdodHMDAQdzYW1wbGVzAwIEc3VtcwMDBmxheU91dAAABmZpbHRlcgABBm1lbW9yeQIACsoEAk4BAX9BACQAIABBAnQiBEEPakFwcSQBIwEgASAEbGokAiMCIAJBAnRqJAMjAyADQQJ0IABsakH//wNqQRB2PwBrIgBBAEoEQCAAQAAaCwv4AwIFewZ/IAJBAnQhCyAAQQJ0IQwDQCADIA1LBEAjASEJQQAhCgNAIAAgCksEQCMCIAsgDWxqIwAgCkECdGooAgBBAnRqIQIgCSABQQJ0aiEO/QwAAAAAAAAAAAAAAAAAAAAAIQT9DAAAAAAAAAAAAAAAAAAAAAAhBf0MAAAAAAAAAAAAAAAAAAAAACEG/QwAAAAAAAAAAAAAAAAAAAAAIQcDQCAJIA5JBEAgBCAJ/QAEACIIIAL9AAQA/eYB/eQBIQQgBSAIIAIgC2r9AAQA/eYB/eQBIQUgBiAIIAIgC0EBdGr9AAQA/eYB/eQBIQYgByAIIAIgC0EDbGr9AAQA/eYB/eQBIQcgAkEQaiECIAlBEGohCQwBCwsjAyAMIA1saiAKQQJ0aiICIAQgBCAE/Q0ICQoLDA0ODwABAgMEBQYH/eQBIgT9HwAgBP0fAZI4AgAgAiAMaiAFIAUgBf0NCAkKCwwNDg8AAQIDBAUGB/3kASIE/R8AIAT9HwGSOAIAIAIgDEEBdGogBiAGIAb9DQgJCgsMDQ4PAAECAwQFBgf95AEiBP0fACAE/R8BkjgCACACIAxBA2xqIAcgByAH/Q0ICQoLDA0ODwABAgMEBQYH/eQBIgT9HwAgBP0fAZI4AgAgCkEBaiEKDAELCyANQQRqIQ0MAQsLCw==";

/** What is used of it; not all that this is compiled with declares it. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { readonly exports: unknown };
};

/** A new instance, with a memory of its own. */
export function instantiate(): unknown {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  return new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
}
