/// <reference types="node" />
import { parentPort } from "node:worker_threads";
import { serve } from "../src/index.js";
import { handlers } from "./training.js";

serve(handlers, parentPort ?? process);
