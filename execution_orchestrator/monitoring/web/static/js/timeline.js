// What held which resource, growing as it happens.
const KINDS = { succeeded: 'succeeded', failed: 'failed', rejected: 'failed', lost: 'failed', timed_out: 'failed', cancelled: 'cancelled' };

export class ResourceTimeline {
  constructor(container) {
    this.groups = new vis.DataSet();
    this.items = new vis.DataSet();
    this.timeline = new vis.Timeline(container, this.items, this.groups, {
      stack: true, zoomMin: 200, selectable: false, showCurrentTime: true, horizontalScroll: true, verticalScroll: true,
      maxHeight: 420, margin: { item: 3, axis: 4 },
    });
    this.execution = null;
  }

  // bars: [{id, row, label, start, end|null, kind, title}], times in Unix seconds
  show(executionId, bars, now) {
    const items = bars.map((bar) => ({
      id: bar.id, group: bar.row, content: escapeText(bar.label), title: escapeText(bar.title),
      start: new Date(bar.start * 1000), end: new Date((bar.end ?? now) * 1000), className: KINDS[bar.kind] ?? bar.kind,
    }));
    const rows = [...new Set(bars.map((bar) => bar.row))].sort();
    this.groups.update(rows.map((name) => ({ id: name, content: escapeText(name) })));
    this.groups.remove(this.groups.getIds().filter((id) => !rows.includes(id)));
    const present = new Set(items.map((item) => item.id));
    this.items.remove(this.items.getIds().filter((id) => !present.has(id)));
    this.items.update(items);
    if (this.execution !== executionId && items.length) {
      this.execution = executionId;
      this.timeline.fit({ animation: false });
    } else if (items.some((item) => item.className === 'running')) {
      this.timeline.fit({ animation: false });
    }
  }
}

function escapeText(text) {
  const holder = document.createElement('span');
  holder.textContent = text ?? '';
  return holder.innerHTML;
}
