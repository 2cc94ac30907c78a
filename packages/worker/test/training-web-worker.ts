import { serve } from "../src/index.js";
import { handlers } from "./training.js";

serve(handlers);
