/** How many of the embedded voice's clips the studio ships: enough to try it, and a page shows each of them. */
export const embeddedClips = 64;
