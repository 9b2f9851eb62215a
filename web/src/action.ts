// Everything about the action that was chosen in the graph, the timeline, the map or the table.
import { get } from './api.js';
import { goTo } from './address';
import { breakable, byId, chip, element, redrawn, row, seconds } from './dom.js';
import { line } from './events.js';
import { figure, source } from './pictures';
import type { Picture } from './pictures';
import { course, type FeedbackPoint } from './course';

interface Attempt { number: number; sent: number; accepted_after: number | null; took: number; outcome: string; error: string; said: string[]; server: string; goal_id: string; feedback: FeedbackPoint[] }
interface Recovery { strategy: string; because: string; started: number; took: number; outcome: string; reason: string; helped: boolean | null }
interface Held { resource: string; amount: number; acquired: number; held: number; waited: number; quarantine: string }
interface Failure { type: string; code: string; message: string; server_code?: number; context?: object }
interface Chosen {
  execution_id: string; action_id: string; action_type: string; description: string; status: string; outcome: string; reason: string; robot: string; server: string;
  progress: number; phase: string; estimate: number; written: object; parameters: object; output: unknown; error: Failure | null;
  attempts: Attempt[]; pictures: Picture[]; recoveries: Recovery[]; resources: Held[];
}
interface JournalEvent { sequence: number; action_id: string; execution_id: string; time: number; type: string; level: number; description: string; data: object }

const KEPT = 300; // events
const HELPED = new Map([[true, 'helped'], [false, 'did not help']]);

export class ChosenAction {
  private readonly panel = byId('action');
  private execution = '';
  private action = '';
  private events: JournalEvent[] = [];
  private before: Element | null = null;

  constructor(private readonly say: (text: string, wrong?: boolean) => void) {
    byId('action-close').addEventListener('click', () => goTo(this.execution));
    this.panel.addEventListener('keydown', (key) => { if (key.key === 'Escape') goTo(this.execution); });
  }

  // An empty action closes the panel; the keyboard focus returns to where it was opened.
  async choose(execution: string, action: string): Promise<void> {
    const opened = this.panel.hidden && action !== '';
    if (execution === this.execution && action === this.action) return;
    [this.execution, this.action, this.events] = [execution, action, []];
    if (!action) {
      this.panel.hidden = true;
      if (this.before instanceof HTMLElement) this.before.focus();
      return;
    }
    if (opened) this.before = document.activeElement;
    await this.read();
    if (opened && !this.panel.hidden) byId('action-close').focus();
    await this.readEvents();
  }

  async read(): Promise<void> {
    if (!this.action) return;
    const [execution, action] = [this.execution, this.action];
    try {
      const found: Chosen = await get(`/api/executions/${encodeURIComponent(execution)}/actions/${encodeURIComponent(action)}`);
      if (execution !== this.execution || action !== this.action) return;
      this.draw(found);
      this.panel.hidden = false;
    } catch (failure) {
      this.panel.hidden = true;
      this.say(`${action}: ${(failure as Error).message}`, true);
    }
  }

  add(events: JournalEvent[]): void {
    const last = this.events.at(-1)?.sequence ?? 0;
    const mine = events.filter((event) => event.action_id === this.action && event.execution_id === this.execution && event.sequence > last);
    if (!this.action || !mine.length) return;
    this.events = [...this.events, ...mine].slice(-KEPT);
    this.drawEvents();
  }

  private async readEvents(): Promise<void> {
    const [execution, action] = [this.execution, this.action];
    const found: { events: JournalEvent[] } = await get(`/api/events?execution=${encodeURIComponent(execution)}&action=${encodeURIComponent(action)}&limit=${KEPT}`).catch(() => ({ events: [] }));
    if (execution !== this.execution || action !== this.action) return;
    const last = found.events.at(-1)?.sequence ?? 0;
    this.events = [...found.events, ...this.events.filter((event) => event.sequence > last)];
    this.drawEvents();
  }

  private drawEvents(): void {
    redrawn(byId('action-events'), [this.execution, this.action, this.events.at(-1)?.sequence], () => [...this.events].reverse().map(line));
  }

  private draw(chosen: Chosen): void {
    byId('action-title').textContent = chosen.action_id;
    redrawn(byId('action-state'), [chosen.status, chosen.action_type, chosen.outcome], () => [chip(chosen.status), element('span', { text: ` ${chosen.action_type}${chosen.outcome ? `, outcome ${chosen.outcome}` : ''}`, classes: 'soft' })]);
    byId('action-reason').textContent = [chosen.description, chosen.reason].filter(Boolean).join(' · ');
    const facts: [string, string][] = [
      ['server', chosen.server], ['robot', chosen.robot], ['phase', chosen.phase], ['progress', chosen.progress > 0 ? `${Math.round(100 * chosen.progress)}%` : ''],
      ['estimate', chosen.estimate ? seconds(chosen.estimate) : ''],
    ];
    redrawn(byId('action-facts'), facts, () => facts.filter(([, value]) => value).map(([name, value]) => element('div', {}, [element('dt', { text: name }), element('dd', { text: value })])));
    byId('action-pictures').closest('section')!.hidden = !chosen.pictures.length;
    redrawn(byId('action-pictures'), chosen.pictures, () => chosen.pictures.map((one) => figure(one, `attempt ${one.attempt}`, source(one.picture))));
    this.json('action-parameters', chosen.parameters, 'none');
    this.json('action-output', chosen.output, 'nothing yet');
    byId('action-error').parentElement!.hidden = !chosen.error;
    if (chosen.error) this.json('action-error', chosen.error, '');
    this.json('action-written', chosen.written, 'not in the plan that runs now');
    this.rows('action-attempts', chosen.attempts, (one) => [
      { text: String(one.number), classes: 'number' }, { text: seconds(one.sent), classes: 'number' },
      { text: one.accepted_after === null ? '–' : seconds(one.accepted_after), classes: 'number' }, { text: seconds(one.took), classes: 'number' },
      { text: one.outcome, classes: 'word' }, [one.error, ...one.said].filter(Boolean).join('\n') || '–',
    ]);
    const observed = chosen.attempts.filter((one) => one.feedback.length);
    byId('action-feedback').closest('section')!.hidden = !observed.length;
    redrawn(byId('action-feedback'), observed, () => observed.map((one) => course(`attempt ${one.number}`, one.feedback, one.outcome === 'running')));
    this.rows('action-recoveries', chosen.recoveries, (one) => [
      { text: one.strategy, classes: 'word' }, breakable(one.because), { text: seconds(one.started), classes: 'number' }, { text: seconds(one.took), classes: 'number' },
      [one.outcome.toLowerCase(), HELPED.get(one.helped as boolean) ?? ''].filter(Boolean).join(', '), one.reason || '–',
    ]);
    this.rows('action-resources', chosen.resources, (one) => [
      { text: one.resource, classes: 'name' }, { text: seconds(one.waited), classes: 'number' }, { text: seconds(one.acquired), classes: 'number' },
      { text: seconds(one.held), classes: 'number' }, one.quarantine || '–',
    ]);
  }

  private json(id: string, value: unknown, nothing: string): void {
    const empty = value === null || value === undefined || (typeof value === 'object' && !Object.keys(value).length);
    const text = empty ? nothing : JSON.stringify(value, null, 1);
    if (byId(id).textContent !== text) byId(id).textContent = text;
  }

  private rows<T>(id: string, values: T[], cells: (value: T) => unknown[]): void {
    byId(id).closest('section')!.hidden = !values.length;
    redrawn(byId<HTMLTableElement>(id).tBodies[0], values, () => values.map((value) => row(cells(value))));
  }
}
