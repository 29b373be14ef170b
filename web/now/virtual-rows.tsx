import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

/** Rows above and below what is visible, so that scrolling shows no blanks. */
const MARGIN = 8;

export interface VirtualRowsProps {
  /** Sequence number of the first row, and the one after the last. */
  readonly first: number;
  readonly end: number;
  /** px */
  readonly rowHeight: number;
  readonly isFollowing: boolean;
  readonly selected: number | undefined;
  readonly label: string;
  readonly onFollow: (isFollowing: boolean) => void;
  readonly row: (sequence: number) => ComponentChildren;
}

/** A list of which only the visible rows exist in the document. */
export function VirtualRows(props: VirtualRowsProps) {
  const { first, end, rowHeight, isFollowing, selected, label, onFollow, row } = props;
  const box = useRef<HTMLDivElement>(null);
  const [viewport, setViewport] = useState({ top: 0, height: 600 });
  const lastFirst = useRef(first);

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const removed = first - lastFirst.current;
    lastFirst.current = first;
    if (isFollowing) element.scrollTop = element.scrollHeight;
    // Rows that leave at the beginning must not move what somebody reads.
    else if (removed > 0) element.scrollTop -= removed * rowHeight;
  }, [first, end, isFollowing, rowHeight]);

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const measure = (): void => {
      setViewport({ top: element.scrollTop, height: element.clientHeight });
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => {
      observer.disconnect();
    };
  }, []);

  useLayoutEffect(() => {
    const element = box.current;
    if (!element || selected === undefined) return;
    const top = (selected - first) * rowHeight;
    if (top < element.scrollTop) element.scrollTop = top;
    const bottom = top + rowHeight - element.clientHeight;
    if (bottom > element.scrollTop) element.scrollTop = bottom;
  }, [selected]);

  const onScroll = (event: Event): void => {
    const element = event.currentTarget as HTMLDivElement;
    const { scrollTop, clientHeight, scrollHeight } = element;
    setViewport({ top: scrollTop, height: clientHeight });
    onFollow(scrollTop + clientHeight >= scrollHeight - rowHeight);
  };

  const from = Math.max(first, first + Math.floor(viewport.top / rowHeight) - MARGIN);
  const to = Math.min(
    end,
    first + Math.ceil((viewport.top + viewport.height) / rowHeight) + MARGIN,
  );
  const sequences = Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
  return (
    <div class="rows" ref={box} onScroll={onScroll} tabIndex={0} role="log" aria-label={label}>
      <div style={{ height: `${(end - first) * rowHeight}px`, position: 'relative' }}>
        {sequences.map((sequence) => (
          <div
            key={sequence}
            class="row-place"
            style={{ transform: `translateY(${(sequence - first) * rowHeight}px)` }}
          >
            {row(sequence)}
          </div>
        ))}
      </div>
    </div>
  );
}
