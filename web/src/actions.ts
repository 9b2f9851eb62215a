// The table of an execution's actions: filtered by the node, read a window at a time.
import { get } from './api.js';
import { address } from './address';
import { breakable, byId, chip, counted, element, seconds } from './dom.js';
import { Rows } from './rows';

interface Action { action_id: string; action_type: string; status: string; attempt: number; took: number | null; estimate: number; reason: string }
interface Found { total: number; matching: number; offset: number; rows: Action[] }

const WINDOW = 120; // rows that are read at once

export class ActionTable {
  private readonly form = byId<HTMLFormElement>('actions-filter');
  private readonly rows: Rows<Action>;
  private execution = '';
  private found: Found = { total: 0, matching: 0, offset: 0, rows: [] };
  private offset = 0;
  private asked = 0;

  constructor(private readonly say: (text: string, wrong?: boolean) => void) {
    this.rows = new Rows<Action>(byId('actions-scroll'), byId('actions'), (one) => this.cells(one), (first, last) => this.inView(first, last));
    this.form.addEventListener('submit', (submit) => submit.preventDefault());
    this.form.addEventListener('input', () => { this.offset = 0; this.rows.top(); void this.read(this.execution); });
  }

  async read(execution: string): Promise<void> {
    if (execution !== this.execution) {
      this.execution = execution;
      this.offset = 0;
      this.rows.top();
    }
    this.asked += 1;
    const mine = this.asked;
    const { words, group } = this.form.elements as unknown as Record<string, HTMLInputElement>;
    const asked = new URLSearchParams({ words: words.value, group: group.value, offset: String(this.offset), limit: String(WINDOW) });
    try {
      const found: Found = await get(`/api/executions/${encodeURIComponent(execution)}/actions?${asked}`);
      if (mine === this.asked) this.show(found);
    } catch (failure) {
      this.say((failure as Error).message, true);
    }
  }

  private show(found: Found): void {
    this.found = found;
    const all = found.matching === found.total;
    byId('actions-count').textContent = all ? counted(found.total, 'action') : `${found.matching} of ${counted(found.total, 'action')}`;
    byId('actions-none').hidden = found.matching > 0 || found.total === 0;
    this.form.hidden = found.total === 0;
    this.rows.show({
      count: found.matching,
      at: (index) => this.found.rows[index - this.found.offset],
      key: (index) => index,
    });
  }

  // Reads on before what was read is at its end.
  private inView(first: number, last: number): void {
    const { offset, rows, matching } = this.found;
    if (first >= offset && (last < offset + rows.length || last >= matching)) return;
    const wanted = Math.max(0, Math.round((first + last - WINDOW) / 2));
    if (wanted === this.offset) return;
    this.offset = wanted;
    void this.read(this.execution);
  }

  private cells(one: Action): unknown[] {
    const name = element('a', { classes: 'name', href: address(this.execution, one.action_id) }, [...breakable(one.action_id).childNodes]);
    return [
      name, breakable(one.action_type), chip(one.status), { text: String(one.attempt || '–'), classes: 'number' },
      { text: seconds(one.took), classes: 'number' }, { text: one.estimate ? seconds(one.estimate) : '–', classes: 'number' }, one.reason,
    ];
  }
}
