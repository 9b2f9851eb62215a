// Which attempt ran on which resource, growing as it happens.
import { DataSet } from 'vis-data/esnext';
import { Timeline } from 'vis-timeline/esnext';
import { byId, escaped } from './dom.js';

const MOST = 400; // bars that the node sends at once
const KINDS = { succeeded: 'succeeded', running: 'running', cancelled: 'cancelled', recovery: 'recovery' };

export class ResourceTimeline {
  constructor(container, followButton, onChoose, onTurn) {
    this.onTurn = onTurn;
    this.container = container;
    this.followButton = followButton;
    this.groups = new DataSet();
    this.items = new DataSet();
    this.timeline = new Timeline(container, this.items, this.groups, {
      stack: true, zoomMin: 50, selectable: false, showCurrentTime: false, horizontalScroll: true, zoomKey: 'ctrlKey',
      maxHeight: 420, margin: { item: { horizontal: 0, vertical: 3 }, axis: 4 }, tooltip: { followMouse: true }, groupOrder: 'id',
    });
    // A timeline that a person has moved stays there until they ask for something else.
    this.timeline.on('rangechange', ({ byUser }) => { if (byUser) this.follow(false); });
    this.timeline.on('click', ({ item }) => { if (this.actions.has(item)) onChoose(this.actions.get(item)); });
    this.actions = new Map(); // by the id of a bar
    followButton.addEventListener('click', () => { this.follow(true); this.fit(); });
    this.follow(true);
    this.marked = [];
    this.end = 0; // the last bar that is asked for; 0: the newest there is
    byId('timeline-earlier').addEventListener('click', () => this.turn(this.first));
    byId('timeline-later').addEventListener('click', () => this.turn(this.last + MOST));
  }

  // A long run has more bars than are drawn at once.
  turn(end) {
    this.end = end >= this.all ? 0 : Math.max(end, MOST);
    this.follow(true);
    this.onTurn();
  }

  // Up to which bar a run's timeline is to be asked for.
  barsTo(executionId) { return this.execution === executionId ? this.end : 0; }

  follow(yes) {
    this.following = yes;
    this.followButton.hidden = yes;
  }

  // bars: [{id, row, label, start, end|null, kind, title}], pauses: [{start, end|null}],
  // replannings: [{time, dropped, added}], in seconds; wall_offset later it is what a watch shows
  show({ execution_id: executionId, accepted, bars, pauses, replannings, now, wall_offset: offset, bars_from: first, bars_in_all: all }) {
    [this.first, this.last, this.all] = [first, first + bars.length, all];
    byId('timeline-pages').hidden = all <= MOST;
    byId('timeline-part').textContent = all > MOST ? `${first + 1} to ${this.last} of ${all} bars` : '';
    byId('timeline-earlier').disabled = first === 0;
    byId('timeline-later').disabled = this.last >= all;
    const at = (time) => new Date(((time ?? now) + offset) * 1000);
    this.actions = new Map(bars.map((bar) => [bar.id, bar.action_id]));
    const rows = [...new Set(bars.map((bar) => bar.row))];
    this.groups.update(rows.map((name) => ({ id: name, content: escaped(name) })));
    this.groups.remove(this.groups.getIds().filter((id) => !rows.includes(id)));
    const wanted = [
      ...bars.map((bar) => ({
        id: bar.id, group: bar.row, content: escaped(bar.label), title: escaped(bar.title), start: at(bar.start), end: at(bar.end),
        className: KINDS[bar.kind] ?? 'failed', subgroup: bar.kind === 'recovery' ? 'recovery' : 'attempt',
      })),
      ...pauses.map((pause, index) => ({ id: `pause/${index}`, content: '', type: 'background', start: at(pause.start), end: at(pause.end), className: 'pause' })),
    ];
    const present = new Set(wanted.map((item) => item.id));
    this.items.remove(this.items.getIds().filter((id) => !present.has(id)));
    this.items.update(wanted.filter((item) => changed(this.items.get(item.id), item)));
    this.markReplannings(replannings.map((change) => change.time + offset));
    const [from, to] = bars.length < all ? [bars[0].start, Math.max(...bars.map((bar) => bar.end ?? now))] : [accepted, now];
    this.span = [from + offset, Math.max(to, from + 1) + offset];
    if (this.execution !== executionId) {
      this.end = 0;
      this.execution = executionId;
      this.follow(true);
    }
    if (this.following) this.fit();
  }

  // A line through all rows where another plan took over.
  markReplannings(wanted) {
    if (String(wanted) === String(this.marked)) return;
    for (const time of this.marked) this.timeline.removeCustomTime(`plan/${time}`);
    for (const time of wanted) {
      this.timeline.addCustomTime(new Date(time * 1000), `plan/${time}`);
      this.timeline.setCustomTimeMarker('new plan', `plan/${time}`);
    }
    this.marked = wanted;
  }

  fit() {
    const [start, end] = this.span;
    const margin = 0.02 * (end - start);
    this.timeline.setWindow((start - margin) * 1000, (end + margin) * 1000, { animation: false });
  }
}

function changed(old, item) {
  return !old || old.className !== item.className || +old.end !== +item.end || +old.start !== +item.start || old.content !== item.content || old.title !== item.title;
}
