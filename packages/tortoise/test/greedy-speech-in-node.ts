/// <reference types="node" />
import { fileURLToPath } from "node:url";
import { modelFolder } from "@hawksbill/base-small";
import { openDevice } from "@hawksbill/core";
import { openModel } from "@hawksbill/tortoise/node";
import { greedySpeech } from "./greedy-speech.js";

/** Prints the codes, for speak.browser.ts to compare with. */
const device = await openDevice("cpu", { threads: 1 });
const { codes } = await greedySpeech(await openModel(fileURLToPath(modelFolder)), device);
console.log(JSON.stringify(Array.from(codes)));
