/** The page's folder; workers lie in `assets/` once they are built. */
export const home: URL = new URL(import.meta.env.DEV ? "/" : "../", import.meta.url);
