import { useEffect, useRef, useState } from 'react';
import type { RefObject } from 'react';

/** How large an element is, px; zero before it is known. */
export function useSize<Element extends HTMLElement>(): [RefObject<Element | null>, number, number] {
  const element = useRef<Element>(null);
  const [[width, height], setSize] = useState<readonly [number, number]>([0, 0]);
  useEffect(() => {
    if (element.current === null) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) setSize([Math.round(entry.contentRect.width), Math.round(entry.contentRect.height)]);
    });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return [element, width, height];
}
