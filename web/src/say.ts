// The command box: words or a plan become a plan that is shown before it runs.
import { get, post } from './api.js';
import { byId, element, redrawn } from './dom.js';
import { drawBars, type Bar } from './gantt';
import { keep, kept } from './kept';
import { rehearse, type Rehearsal } from './rehearsal';

interface Issue { code: string; severity: string; pointer: string; line: number; message: string; hint: string }
interface Answer {
  valid: boolean; message: string; when: string; issues: Issue[]; plan: string; planner: string; confidence: number | null; stops: string[]; bars: Bar[];
  analysis: { action_count: number; makespan: number } | null;
}
interface Wanted { command: string; plan: string; context: string; conversation_id: string }
interface Headline { execution_id: string; command: string }

const EARLIER = 30; // commands in the list
const DRAFT = 'draft'; // what is kept of the page in this browser

export class Say {
  private readonly words = byId<HTMLTextAreaElement>('say-words');
  private conversation = kept('conversation') || fresh();
  private context = '';
  private shown: Wanted | null = null;
  private asked = 0;

  constructor(private readonly say: (text: string, wrong?: boolean) => void, private readonly begun: (executionId: string) => void,
    private readonly rehearsed: (rehearsal: Rehearsal | null) => void) {
    keep('conversation', this.conversation);
    this.words.value = kept(DRAFT);
    this.tell();
    this.grow();
    this.words.addEventListener('input', () => { keep(DRAFT, this.words.value); this.grow(); this.drop(); this.context = ''; });
    this.words.addEventListener('keydown', (key) => {
      // Words are one line; a plan has many, and is sent with Ctrl+Enter.
      if (key.key === 'Enter' && !key.shiftKey && (key.ctrlKey || !isPlan(this.words.value))) {
        key.preventDefault();
        void this.plan();
      }
    });
    byId('say-form').addEventListener('submit', (submit) => { submit.preventDefault(); void this.plan(); });
    byId('say-run').addEventListener('click', () => void this.run());
    byId('say-rehearse').addEventListener('click', () => void this.rehearse());
    byId('say-drop').addEventListener('click', () => this.drop());
    byId('say-new').addEventListener('click', () => { this.conversation = fresh(); keep('conversation', this.conversation); this.tell(); });
    byId<HTMLSelectElement>('say-templates').addEventListener('change', (change) => void this.template(change.target as HTMLSelectElement));
    byId<HTMLSelectElement>('say-templates').addEventListener('focus', () => void this.templates());
    byId<HTMLSelectElement>('say-history').addEventListener('change', (change) => {
      const select = change.target as HTMLSelectElement;
      if (select.value) void this.again(select.value);
      select.value = '';
    });
    void this.templates();
  }

  // Puts words where the cursor is: a place or a point that was clicked on the map.
  use(words: string): void {
    const { selectionStart: from, selectionEnd: to, value } = this.words;
    const before = value.slice(0, from) || 'go to ';
    const gap = before && !/\s$/.test(before) ? ' ' : '';
    this.set(`${before}${gap}${words}${value.slice(to)}`);
    const end = before.length + gap.length + words.length;
    this.words.focus();
    this.words.setSelectionRange(end, end);
  }

  // A plan that was written elsewhere on the page: it is checked, and shown before it runs.
  async check(plan: string): Promise<void> {
    this.set(plan);
    await this.plan();
    byId('say').scrollIntoView({ block: 'nearest' });
  }

  // Fills the box with what an execution was asked for.
  async again(executionId: string): Promise<void> {
    try {
      const goal = await get(`/api/executions/${encodeURIComponent(executionId)}/goal`);
      this.set(goal.plan || goal.command);
      this.context = goal.context;
      this.words.focus();
      await this.plan();
      byId('say').scrollIntoView({ block: 'nearest' });
    } catch (failure) {
      this.say((failure as Error).message, true);
    }
  }

  remember(executions: Headline[]): void {
    const seen = new Set<string>();
    const earlier = executions.filter((one) => one.command && !seen.has(one.command) && seen.add(one.command)).slice(0, EARLIER);
    redrawn(byId('say-history'), earlier.map((one) => [one.execution_id, one.command]), (all) => [
      new Option(earlier.length ? 'say again …' : 'nothing yet', ''), ...all.map(([id, command]) => new Option(short(command), id)),
    ]);
  }

  private set(text: string): void {
    this.words.value = text;
    this.words.dispatchEvent(new Event('input', { bubbles: true }));
  }

  private async templates(): Promise<void> {
    const select = byId<HTMLSelectElement>('say-templates');
    const { plans } = await get('/api/plans').catch(() => ({ plans: [] as string[] })) as { plans: string[] };
    redrawn(select, plans, () => [new Option(plans.length ? 'choose one …' : 'none in the folder', ''), ...plans.map((name) => new Option(name.replace(/\.\w+$/, '').replaceAll('_', ' '), name))]);
  }

  private async template(select: HTMLSelectElement): Promise<void> {
    const name = select.value;
    select.value = '';
    if (!name) return;
    try {
      this.set((await get(`/api/plans/${encodeURIComponent(name)}`)).text);
      await this.plan();
    } catch (failure) {
      this.say((failure as Error).message, true);
    }
  }

  private async plan(): Promise<void> {
    const text = this.words.value.trim();
    if (!text) { this.words.focus(); return; }
    this.asked += 1;
    const mine = this.asked;
    const wanted = { command: isPlan(text) ? '' : text, plan: isPlan(text) ? text : '', context: this.context, conversation_id: this.conversation };
    byId('say-answer').hidden = false;
    byId('say-verdict').textContent = wanted.plan ? 'checking the plan' : 'making a plan';
    byId('say-verdict').className = '';
    byId('say-run').hidden = true;
    this.withoutRehearsal();
    byId('say-issues').replaceChildren();
    byId('say-gantt').replaceChildren();
    byId('say-plan').hidden = true;
    try {
      const answer = await post('/api/validate', wanted) as Answer;
      if (mine === this.asked) this.show(wanted, answer);
    } catch (failure) {
      if (mine !== this.asked) return;
      byId('say-verdict').textContent = (failure as Error).message;
      byId('say-verdict').className = 'bad';
    }
  }

  private show(wanted: Wanted, answer: Answer): void {
    // The plan that was looked at is the one that runs. Words that stop something have to be said themselves.
    const stops = answer.stops ?? [];
    this.shown = stops.length || !answer.plan ? wanted : { ...wanted, plan: answer.plan };
    const verdict = byId('say-verdict');
    verdict.textContent = stops.length && !answer.valid ? `This stops ${stops.join(', ')}.` : answer.valid ? verdictOf(answer) : answer.message;
    verdict.className = answer.valid || stops.length ? 'ok' : 'bad';
    byId('say-issues').replaceChildren(...answer.issues.map((issue) => {
      const where = issue.line ? `line ${issue.line}: ` : '';
      return element('li', { classes: issue.severity }, [`${where}${issue.message} `, element('span', { classes: 'hint', text: issue.hint })]);
    }));
    drawBars(byId('say-gantt'), answer.bars ?? [], answer.analysis?.makespan ?? 0, answer.analysis?.action_count ?? 0);
    byId('say-plan').hidden = !(answer.plan || wanted.plan);
    byId('say-plan-text').textContent = answer.plan || wanted.plan;
    byId('say-run').hidden = !(answer.valid || stops.length);
    byId('say-rehearse').hidden = !answer.valid || stops.length > 0;
    if (!byId('say-run').hidden) byId('say-run').focus();
  }

  private async rehearse(): Promise<void> {
    const wanted = this.shown;
    if (!wanted) return;
    const mine = this.asked;
    byId('say-rehearse').hidden = true; // one at a time
    const rehearsal = await rehearse(byId('say-rehearsal'), wanted, () => mine === this.asked);
    if (mine !== this.asked) return;
    byId('say-rehearse').hidden = false;
    this.rehearsed(rehearsal);
  }

  private withoutRehearsal(): void {
    byId('say-rehearse').hidden = true;
    byId('say-rehearsal').hidden = true;
    this.rehearsed(null);
  }

  private async run(): Promise<void> {
    if (!this.shown) return;
    const wanted = this.shown;
    this.shown = null; // pressed twice, it runs once
    try {
      const answer = await post('/api/run', wanted);
      if (answer.success) {
        this.set('');
        this.say(`runs as ${answer.execution_id}`);
        this.begun(answer.execution_id);
      } else {
        byId('say-verdict').textContent = answer.message;
        byId('say-verdict').className = 'bad';
        byId('say-run').hidden = true;
      }
    } catch (failure) {
      this.shown = wanted;
      this.say((failure as Error).message, true);
    }
  }

  private drop(): void {
    this.asked += 1;
    this.shown = null;
    byId('say-answer').hidden = true;
    this.withoutRehearsal();
  }

  private tell(): void {
    byId('say-conversation').textContent = `“it” and “again” refer to this conversation (${this.conversation.slice(-4)})`;
  }

  private grow(): void {
    this.words.rows = Math.min(16, Math.max(1, this.words.value.split('\n').length));
  }
}

// A plan is a document; words are a sentence.
function isPlan(text: string): boolean {
  return /^\s*[{[]/.test(text) || /^(version|actions|command|id)\s*:/m.test(text) || /\n\s+\S/.test(text);
}

function verdictOf({ analysis, planner, confidence, issues, when }: Answer): string {
  const count = analysis?.action_count ?? 0;
  const seconds = analysis ? `, about ${analysis.makespan.toFixed(0)} s` : '';
  const by = planner ? `; planned by the ${planner}${confidence !== null && confidence < 1 ? `, ${Math.round(100 * confidence)}% sure` : ''}` : '';
  return `${count} ${count === 1 ? 'action' : 'actions'}${seconds}${when && `, ${when}`}${by}${issues.length ? '; look at the remarks' : ''}. Nothing moves before you run it.`;
}

const short = (text: string): string => (text.length > 70 ? `${text.slice(0, 69)}…` : text);

function fresh(): string {
  return `page-${[...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
