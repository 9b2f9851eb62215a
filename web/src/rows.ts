// A table of any length: only the rows in view are in the page, and those of them that changed are drawn anew.
import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from '@tanstack/virtual-core';
import { row } from './dom.js';

const ROW = 31; // pixels that a row takes until it is measured
const AROUND = 12; // rows that are drawn before and behind those in view

export interface Source<T> {
  count: number;
  at: (index: number) => T | undefined; // undefined: not loaded yet
  key: (index: number) => string | number;
}

export class Rows<T> {
  private readonly body: HTMLTableSectionElement;
  private readonly made = new Map<string | number, { line: HTMLTableRowElement; drawn: string }>();
  private readonly list: Virtualizer<HTMLElement, HTMLTableRowElement>;
  private source: Source<T> = { count: 0, at: () => undefined, key: (index) => index };

  constructor(private readonly scroller: HTMLElement, private readonly table: HTMLTableElement, private readonly cells: (value: T) => unknown[],
    private readonly onRange: (first: number, last: number) => void = () => {}) {
    this.body = table.tBodies[0];
    this.list = new Virtualizer(this.options());
    this.list._didMount();
    this.list._willUpdate();
    new ResizeObserver(() => this.draw()).observe(scroller);
  }

  show(source: Source<T>): void {
    // After rows were put before it, the row that a person reads keeps its place on the screen.
    const top = this.list.scrollOffset ?? 0;
    const held = top > 0 ? this.list.getVirtualItemForOffset(top) : undefined;
    this.source = source;
    this.list.setOptions(this.options());
    if (held) {
      const index = this.find(held.key, held.index);
      this.list.getTotalSize(); // reckons anew where each row begins
      const start = this.list.measurementsCache[index]?.start ?? held.start;
      if (start !== held.start) this.list.scrollToOffset(top + start - held.start);
    }
    this.list._willUpdate();
    this.draw();
  }

  top(): void {
    this.list.scrollToOffset(0);
  }

  private options() {
    const { count, key } = this.source;
    return {
      count,
      getItemKey: key,
      getScrollElement: () => this.scroller,
      estimateSize: () => ROW,
      overscan: AROUND,
      observeElementRect,
      observeElementOffset,
      scrollToFn: elementScroll,
      onChange: () => this.draw(),
    };
  }

  // Where a row has come to; what is put before it moves it by no more than that.
  private find(key: unknown, near: number): number {
    for (let index = near; index < this.source.count; index += 1) if (this.source.key(index) === key) return index;
    return -1;
  }

  private draw(): void {
    const items = this.list.getVirtualItems();
    this.table.setAttribute('aria-rowcount', String(this.source.count + 1));
    this.table.style.marginTop = `${items.length ? items[0].start : 0}px`;
    this.table.style.marginBottom = `${items.length ? this.list.getTotalSize() - items[items.length - 1].end : 0}px`;
    const shown = new Set(items.map((item) => item.key as string | number));
    for (const [key, { line }] of this.made) if (!shown.has(key)) { line.remove(); this.made.delete(key); }
    let place = this.body.firstElementChild;
    for (const item of items) {
      const line = this.line(item.key as string | number, item.index);
      if (line === place) place = place.nextElementSibling;
      else this.body.insertBefore(line, place);
      line.setAttribute('aria-rowindex', String(item.index + 2));
      line.dataset.index = String(item.index);
    }
    // Measured last: while rows are missing, the table is too short for where it is scrolled to.
    for (const { line } of this.made.values()) this.list.measureElement(line);
    if (items.length) this.onRange(items[0].index, items[items.length - 1].index);
  }

  // A cell is touched only if what it says has changed, and never while a person has marked some of its row.
  private line(key: string | number, index: number): HTMLTableRowElement {
    const value = this.source.at(index);
    const drawn = value === undefined ? '' : JSON.stringify(value);
    const known = this.made.get(key);
    if (known && (known.drawn === drawn || value === undefined || marked(known.line))) return known.line;
    const fresh = (value === undefined ? row([{ text: '\u00a0' }]) : row(this.cells(value))) as HTMLTableRowElement;
    if (!known) {
      this.made.set(key, { line: fresh, drawn });
      return fresh;
    }
    known.drawn = drawn;
    [...fresh.cells].forEach((cell, at) => {
      const old = known.line.cells[at];
      if (!old) known.line.append(cell);
      else if (old.outerHTML !== cell.outerHTML) old.replaceWith(cell);
    });
    return known.line;
  }
}

function marked(line: HTMLElement): boolean {
  const selection = getSelection();
  return selection !== null && !selection.isCollapsed && selection.containsNode(line, true);
}
