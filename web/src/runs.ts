// All runs of the journal: searched and filtered by the node, compared, and what many of them say.
import { address, compareRuns, goToRuns, runsHere } from './address';
import { get } from './api.js';
import { breakable, byId, chip, element, moment, redrawn, row, seconds } from './dom.js';
import { Deeds } from './deeds';
import { Charts, type Statistics } from './run_charts';
import { Compared } from './run_compare';
import { Rows } from './rows';

interface Run { execution_id: string; command: string; status: string; accepted: number; took: number | null; errors: string[]; robots: string[] }
interface Found { total: number; offset: number; runs: Run[]; capabilities: string[]; errors: string[]; robots: string[] }
interface Letter { dead_letter_id: string; execution_id: string; action_id: string; action_type: string; error: string; time: number; attempts: number; retries: number; retry_in: number; status: string }
type Act = (verb: string, body: object) => Promise<void>;
type Say = (text: string, wrong?: boolean) => void;

const PAGE = 100; // runs of one answer
const LONGEST = 3600; // seconds that are waited for a dead letter at once
const TYPING = 250; // milliseconds after the last letter until the journal is asked

export class Runs {
  private readonly form = byId<HTMLFormElement>('runs-filter');
  private readonly rows: Rows<Run>;
  private readonly charts = new Charts();
  private readonly compared = new Compared();
  private readonly deeds: Deeds;
  private readonly pages = new Map<number, Run[]>();
  private readonly asking = new Set<number>();
  private total = 0;
  private chosen: string[] = []; // to be compared, at most two
  private asked = 0;
  private typing = 0;
  private ripening = 0; // until the next dead letter may be tried again
  shown = false;

  constructor(private readonly say: Say, private readonly act: Act) {
    this.deeds = new Deeds(say);
    this.rows = new Rows<Run>(byId('runs-scroll'), byId('runs'), (run) => this.cells(run), (first, last) => this.inView(first, last));
    this.form.addEventListener('submit', (submit) => submit.preventDefault());
    this.form.addEventListener('input', () => {
      clearTimeout(this.typing);
      this.typing = setTimeout(() => goToRuns(this.filter()), TYPING);
    });
    byId('runs-clear').addEventListener('click', () => goToRuns(new URLSearchParams()));
    byId('runs-compare').addEventListener('click', () => { const [after, before] = this.inOrder(); compareRuns(before, after); });
    byId('runs-back').addEventListener('click', () => history.back());
    byId('statistics-read').addEventListener('click', () => void this.readStatistics());
  }

  // Shows what the address names; false if it names something else.
  follow(): boolean {
    const at = runsHere();
    this.shown = at !== null;
    if (!at) return false;
    byId('runs-compared').hidden = !at.compared;
    byId('runs-list').hidden = at.compared !== null;
    if (at.compared) void this.compared.read(...at.compared).catch((failure: Error) => this.say(failure.message, true));
    else {
      this.fill(at.filter);
      void this.read();
      void this.readLetters();
      void this.deeds.read();
    }
    return true;
  }

  // Read again where a run began or ended, unless the person has scrolled down.
  async refresh(): Promise<void> {
    if (!this.shown || byId('runs-list').hidden || byId('runs-scroll').scrollTop > 0) return;
    await Promise.all([this.read(), this.readLetters(), this.deeds.refresh()]);
  }

  private fill(filter: URLSearchParams): void {
    for (const field of this.fields()) {
      const value = filter.get(field.name) ?? '';
      if (field instanceof HTMLSelectElement && value && ![...field.options].some((one) => one.value === value)) field.add(new Option(value, value));
      if (document.activeElement !== field) field.value = value;
    }
  }

  private fields(): (HTMLInputElement | HTMLSelectElement)[] {
    return [...this.form.elements].filter((one): one is HTMLInputElement | HTMLSelectElement => one instanceof HTMLInputElement || one instanceof HTMLSelectElement);
  }

  private filter(): URLSearchParams {
    return new URLSearchParams(this.fields().filter(({ value }) => value).map(({ name, value }) => [name, value]));
  }

  // Days are those of this browser; a whole day is meant.
  private query(): URLSearchParams {
    const query = this.filter();
    const [from, to] = [query.get('from'), query.get('to')];
    query.delete('from');
    query.delete('to');
    if (from) query.set('since', String(+new Date(`${from}T00:00`) / 1000));
    if (to) { const day = new Date(`${to}T00:00`); day.setDate(day.getDate() + 1); query.set('until', String(+day / 1000)); }
    return query;
  }

  private async read(): Promise<void> {
    this.asked += 1;
    const mine = this.asked;
    try {
      const found: Found = await get(`/api/runs?${this.query()}`);
      if (mine !== this.asked) return;
      this.pages.clear();
      this.asking.clear();
      this.take(found);
      this.offer('capability', found.capabilities);
      this.offer('error', found.errors);
      this.offer('robot', found.robots);
      byId('runs-robot').hidden = !found.robots.length;
      byId('runs').classList.toggle('one-robot', !found.robots.length);
    } catch (failure) {
      if (mine === this.asked) this.say((failure as Error).message, true);
    }
  }

  private offer(name: string, values: string[]): void {
    const select = this.form.elements.namedItem(name) as HTMLSelectElement;
    const value = select.value;
    redrawn(select, values, () => [new Option('any', ''), ...values.map((one) => new Option(one, one)), ...(value && !values.includes(value) ? [new Option(value, value)] : [])]);
    select.value = value;
  }

  private take(found: Found): void {
    this.total = found.total;
    this.pages.set(found.offset / PAGE, found.runs);
    const filtered = this.fields().some(({ value }) => value);
    byId('runs-count').textContent = `${found.total} ${found.total === 1 ? 'run' : 'runs'}`;
    byId('runs-none').hidden = found.total > 0;
    byId('runs-none').textContent = filtered ? 'No run of the journal is like that. Take a word or a filter away, or “Clear” all of them.'
      : 'Nothing has run yet. Go to “Executions”, say what the robot is to do, and its run is kept here.';
    byId('runs-clear').toggleAttribute('disabled', !filtered);
    byId('runs-scroll').hidden = found.total === 0;
    this.draw();
  }

  private at(index: number): Run | undefined {
    return this.pages.get(Math.floor(index / PAGE))?.[index % PAGE];
  }

  private draw(): void {
    this.rows.show({ count: this.total, at: (index) => this.at(index), key: (index) => index });
    byId('runs-compare').toggleAttribute('disabled', this.chosen.length !== 2);
    byId('runs-compare').textContent = this.chosen.length === 2 ? 'Compare the two' : 'Compare: tick two runs';
  }

  private inView(first: number, last: number): void {
    for (let page = Math.floor(first / PAGE); page <= Math.floor(last / PAGE); page += 1) {
      if (this.pages.has(page) || this.asking.has(page)) continue;
      this.asking.add(page);
      const query = this.query();
      query.set('offset', String(page * PAGE));
      const mine = this.asked;
      get(`/api/runs?${query}`).then((found: Found) => { if (mine === this.asked) this.take(found); }, (failure: Error) => this.say(failure.message, true));
    }
  }

  private inOrder(): string[] {
    const known = [...this.pages.values()].flat();
    const when = (id: string) => known.find((run) => run.execution_id === id)?.accepted ?? 0;
    return [...this.chosen].sort((one, other) => when(other) - when(one));
  }

  private cells(run: Run): unknown[] {
    const tick = element('input', { type: 'checkbox', 'aria-label': `Compare ${run.execution_id}` }) as HTMLInputElement;
    tick.checked = this.chosen.includes(run.execution_id);
    tick.addEventListener('change', () => {
      this.chosen = tick.checked ? [...this.chosen, run.execution_id].slice(-2) : this.chosen.filter((id) => id !== run.execution_id);
      for (const other of byId('runs').querySelectorAll<HTMLInputElement>('input[type=checkbox]')) other.checked = this.chosen.some((id) => other.getAttribute('aria-label') === `Compare ${id}`);
      this.draw();
    });
    return [
      tick, element('a', { classes: 'name', href: address(run.execution_id), text: run.command || run.execution_id }),
      chip(run.status || 'goes on'), { text: moment(run.accepted), classes: 'time' }, { text: seconds(run.took), classes: 'number' },
      breakable(run.errors.join(', ') || '–'), breakable(run.robots.join(', ') || '–'),
    ];
  }

  private async readLetters(): Promise<void> {
    const { dead_letters: letters }: { dead_letters: Letter[] } = await get('/api/dead_letters').catch(() => ({ dead_letters: [] }));
    clearTimeout(this.ripening);
    const soonest = Math.min(...letters.map((one) => one.retry_in).filter((wait) => wait > 0));
    if (this.shown && Number.isFinite(soonest)) this.ripening = setTimeout(() => void this.readLetters(), 1000 * Math.min(soonest, LONGEST) + 100);
    byId('letters-none').hidden = letters.length > 0;
    byId('letters-scroll').hidden = letters.length === 0;
    redrawn(byId<HTMLTableElement>('letters').tBodies[0], letters.map((one) => ({ ...one, retry_in: Math.ceil(one.retry_in / 5) })), () => letters.map((one) => this.letter(one)));
  }

  private letter(one: Letter): HTMLElement {
    const retry = element('button', { type: 'button', text: 'Try again', classes: 'small operates', 'aria-label': `Try ${one.action_id} again (${one.execution_id})` }) as HTMLButtonElement;
    retry.disabled = one.status === 'retrying' || one.retry_in > 0;
    retry.addEventListener('click', () => void this.act('retry_dead_letter', { dead_letter_id: one.dead_letter_id }).then(() => this.readLetters()));
    const forget = element('button', { type: 'button', text: 'Forget', classes: 'small administers', 'aria-label': `Forget ${one.action_id} (${one.execution_id})` });
    forget.addEventListener('click', () => {
      if (!forget.dataset.asked) { forget.dataset.asked = 'yes'; forget.textContent = 'Really forget'; return; }
      void this.act('discard_dead_letter', { dead_letter_id: one.dead_letter_id }).then(() => this.readLetters());
    });
    const waits = one.retry_in > 0 ? `may be tried again in ${seconds(one.retry_in)}` : one.status;
    return row([
      element('a', { classes: 'name', href: address(one.execution_id, one.action_id) }, [...breakable(one.action_id).childNodes, ' of ', ...breakable(one.execution_id).childNodes]), breakable(one.action_type),
      one.error, { text: moment(one.time), classes: 'time' }, { text: String(one.attempts), classes: 'number' }, waits,
      element('span', { classes: 'together' }, [retry, forget]),
    ]);
  }

  private async readStatistics(): Promise<void> {
    byId('statistics-note').textContent = 'reading the runs …';
    try {
      const statistics: Statistics = await get(`/api/runs/statistics?${this.query()}`);
      this.charts.show(statistics);
    } catch (failure) {
      byId('statistics-note').textContent = (failure as Error).message;
    }
  }
}

