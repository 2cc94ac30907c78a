export { basicCleaners, type Cleaners, englishCleaners } from "./cleaners.js";
