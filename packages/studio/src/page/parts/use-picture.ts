import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { ClipPicture } from "../../clips.js";

/**
 * The picture of a sound, asked for when its place comes into view.
 *
 * @param load Is called once for each `key`.
 */
export function usePicture<E extends Element>(
  key: string,
  load: () => Promise<ClipPicture>,
): { readonly place: RefObject<E | null>; readonly picture: ClipPicture | undefined } {
  const place = useRef<E>(null);
  const loader = useRef(load);
  const [picture, setPicture] = useState<ClipPicture>();
  loader.current = load;
  useEffect(() => {
    let isGone = false;
    const observer = new IntersectionObserver(([entry]) => {
      if (!entry?.isIntersecting) return;
      observer.disconnect();
      // A recording that cannot be read has no picture; the examination says why.
      loader.current().then(
        (loaded) => isGone || setPicture(loaded),
        () => undefined,
      );
    });
    if (place.current) observer.observe(place.current);
    return () => {
      isGone = true;
      observer.disconnect();
    };
  }, [key]);
  return { place, picture };
}
