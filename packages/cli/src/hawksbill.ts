#!/usr/bin/env node
import { interruptSignal } from "./interrupt.js";
import { main } from "./main.js";
import { processTerminal } from "./terminal.js";

const terminal = processTerminal(process);
process.exitCode = await main(process.argv.slice(2), terminal, interruptSignal(process));
