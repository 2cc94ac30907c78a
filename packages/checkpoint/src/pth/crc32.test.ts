import { expect, test } from "vitest";
import { crc32 } from "./crc32.js";

test("is the checksum of zip and PNG files", () => {
  // The check value of CRC-32/ISO-HDLC; then lengths around the eight bytes that are taken at once.
  expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf43926);
  expect(crc32(new Uint8Array())).toBe(0);
  expect(crc32(new Uint8Array(8))).toBe(0x6522df69);
  expect(crc32(new Uint8Array(32).fill(255).subarray(1, 17))).toBe(0x3fb3c61a);
});
