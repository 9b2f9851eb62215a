// The editor of plans: the text, what the node says about it, and what is done with it.
import { get } from '../api.js';
import { asked } from '../ask';
import { byId, counted, element, redrawn, seconds } from '../dom.js';
import { goToEdit, replaceEdit } from '../address';
import { keep, kept } from '../kept';
import { rehearse } from '../rehearsal';
import { Checking, type Verdict } from './checking';
import { drawBars } from '../gantt';
import { download, folder, offerPlans, offerRuns, opened, save, type Opened } from './files';
import { outlineOf, type Outline } from './outline';
import type { Asked, Read } from './outline_worker';
import { PlanSchema, type Known, type Poses } from './schema';
import { Structure } from './structure';
import { PlanText } from './text';

interface Placed { x: number; y: number; yaw?: number }
interface Things { places?: (Placed & { name: string })[]; objects?: (Placed & { id: string })[] }

const READ_AFTER = 120; // milliseconds without a change until the text is read anew
const DRAFT = 'edited plan'; // kept in this browser tab until it is closed

export class PlanEditor {
  private text: PlanText | null = null;
  private reader: Worker | null = null; // only the graph of the plan needs it
  private readonly checking = new Checking(() => this.text!.text, (verdict) => this.judge(verdict), (why) => this.verdict(why, 'bad'));
  private schema: PlanSchema | null = null;
  private structure: Structure | null = null;
  private known: Known & { poses: Poses } = { places: [], objects: [], poses: new Map() };
  private outline: Outline = { actions: [], problem: '' };
  private outlined = 0; // the version of the text that it is of
  private waiting: ((outline: Outline) => void)[] = []; // for the outline of the text as it is
  private version = 0; // of the text; that of the outline follows
  private reading = 0;
  private from: Opened = { text: '', name: '', version: '' };
  private address = ''; // of what is open

  constructor(private readonly say: (text: string, wrong?: boolean) => void, private readonly run: (plan: string) => void) {
    this.setUpFiles();
    addEventListener('beforeunload', (leaving) => { if (this.changed) leaving.preventDefault(); });
  }

  showThings({ places, objects }: Things): void {
    const poses: Poses = new Map([...(objects ?? []).map((one) => [one.id, one] as const), ...(places ?? []).map((one) => [one.name, one] as const)]
      .map(([name, { x, y, yaw }]) => [name, { x, y, yaw: yaw ?? 0 }]));
    this.known = { places: (places ?? []).map(({ name }) => name).sort(), objects: (objects ?? []).map(({ id }) => id).sort(), poses };
    this.structure?.refresh();
    redrawn(byId('edit-objects'), this.known.objects, (names) => names.map((name) => new Option(name, name)));
  }

  private get changed(): boolean { return this.text !== null && this.text.text !== this.from.text; }

  // Shows what the address names.
  async show(wanted: URLSearchParams): Promise<void> {
    const first = !this.text;
    this.text ??= new PlanText(byId('edit-text'), { schema: () => this.schema, known: () => this.known, outline: () => this.fresh() }, () => this.edited(), () => { if (this.outlined === this.version) this.structure?.moved(); });
    this.structure ??= new Structure({
      text: this.text, schema: () => this.schema, known: () => this.known, say: this.say,
      fresh: () => { if (this.outlined !== this.version) this.read(outlineOf(this.text!.text)); return this.outline; },
      changed: (outline) => this.read(outline),
    });
    if (!this.reader) {
      this.reader = new Worker('/static/outline.js');
      this.reader.onmessage = ({ data }: MessageEvent<Read>) => { if (data.version === this.version) this.read(data.outline); };
    }
    void this.look();
    try {
      if (!this.schema) {
        const [schema, { things }] = await Promise.all([get('/api/plan_schema'), get('/api/floor')]);
        this.schema = new PlanSchema(schema);
        this.showThings(things);
      }
      const draft = first ? drafted() : null;
      if (draft && (!String(wanted) || draft.address === String(wanted))) {
        this.take(draft.from, draft.address, draft.text);
      } else if (first || (String(wanted) && String(wanted) !== this.address)) {
        if (!await this.mayLeave()) { replaceEdit(this.address); return; }
        this.take(await opened(wanted), String(wanted));
      }
      if (String(wanted) !== this.address) replaceEdit(this.address);
    } catch (failure) {
      this.say((failure as Error).message, true);
      replaceEdit(this.address);
    }
  }

  private async mayLeave(): Promise<boolean> {
    return !this.changed || asked('Your changes are not saved. Shall they be thrown away?', 'Throw them away', 'Keep them');
  }

  private take(from: Opened, address: string, text = from.text): void {
    this.from = from;
    this.address = address;
    byId<HTMLInputElement>('edit-name').value = from.name;
    this.structure!.begin();
    this.text!.open(text);
    this.edited();
  }

  // What is in the folder, and whether plans are saved in it.
  private async look(): Promise<void> {
    try {
      const { plans, closed } = await folder();
      offerPlans(byId<HTMLSelectElement>('edit-plans'), plans);
      byId('edit-save').toggleAttribute('disabled', closed !== '');
      byId('edit-closed').textContent = closed;
      byId('edit-closed').hidden = !closed;
    } catch (failure) {
      this.say((failure as Error).message, true);
    }
  }

  private edited(): void {
    this.version += 1;
    clearTimeout(this.reading);
    this.reading = setTimeout(() => {
      const { text } = this.text!;
      this.reader!.postMessage({ version: this.version, text } satisfies Asked);
      this.keep(text);
      byId('edit-changed').textContent = this.changed ? 'changed' : '';
    }, READ_AFTER);
    byId('edit-rehearsal').hidden = true; // of what the text was
    this.checking.soon();
  }

  private keep(text: string): void { keep(DRAFT, JSON.stringify({ from: this.from, address: this.address, text } satisfies Draft)); }

  private read(outline: Outline): void {
    this.outline = outline;
    this.structure?.read(outline);
    this.outlined = this.version;
    for (const answer of this.waiting.splice(0)) answer(outline);
    byId('edit-view').dataset.actions = String(outline.actions.length);
  }

  private fresh(): Promise<Outline> {
    return this.outlined === this.version ? Promise.resolve(this.outline) : new Promise((answer) => { this.waiting.push(answer); });
  }

  private judge({ valid, message, issues, analysis, bars }: Verdict): void {
    this.text!.mark(issues);
    this.structure!.mark(issues);
    const count = (severity: string): number => issues.filter((issue) => issue.severity === severity).length;
    const [errors, remarks] = [count('error'), issues.length - count('error')];
    const counts = [errors ? counted(errors, 'error') : '', remarks ? counted(remarks, 'remark') : ''].filter(Boolean).join(', ');
    const length = analysis ? `${counted(analysis.action_count, 'action')}, about ${seconds(analysis.makespan)}` : '';
    this.verdict(valid ? [counts || 'Nothing is wrong with it', length].filter(Boolean).join('; ') : counts || message, valid ? 'ok' : 'bad');
    this.foretell(valid ? analysis : null, bars ?? []);
    byId('edit-issues-title').hidden = !issues.length;
    redrawn(byId('edit-issues'), issues, (all) => all.map((issue) => {
      const button = element('button', { type: 'button', classes: 'small', text: issue.line ? `line ${issue.line}` : 'plan', title: 'Put the cursor there' });
      button.addEventListener('click', () => this.text!.goToIssue(issue));
      return element('li', { classes: issue.severity }, [button, ` ${issue.message} `, element('span', { classes: 'hint', text: issue.hint })]);
    }));
  }

  // The expected run as a timeline.
  private foretell(analysis: Verdict['analysis'], bars: Verdict['bars']): void {
    byId('edit-dry-run').hidden = !analysis;
    if (!analysis) return;
    const { action_count: actions, makespan, sequential_duration: inARow, critical_path: path, suggestions } = analysis;
    byId('edit-dry-run-words').textContent = `${counted(actions, 'action')}, about ${seconds(makespan)} (${seconds(inARow)} one after the other); critical path: ${path.join(' → ') || 'none'}`;
    redrawn(byId('edit-suggestions'), suggestions, (all) => all.map((text) => element('li', { text })));
    drawBars(byId('edit-gantt'), bars, makespan, actions);
  }

  private async rehearse(): Promise<void> {
    const { text } = this.text!;
    const button = byId<HTMLButtonElement>('edit-rehearse');
    button.disabled = true; // one at a time
    await rehearse(byId('edit-rehearsal'), { plan: text }, () => this.text!.text === text);
    button.disabled = false;
  }

  private verdict(words: string, classes: string): void {
    byId('edit-verdict').textContent = words;
    byId('edit-verdict').className = classes;
  }

  private setUpFiles(): void {
    const choose = (id: string, field: string): void => {
      byId<HTMLSelectElement>(id).addEventListener('change', (change) => {
        const select = change.target as HTMLSelectElement;
        if (select.value) goToEdit(new URLSearchParams({ [field]: select.value }));
        select.value = '';
      });
    };
    choose('edit-plans', 'plan');
    choose('edit-runs', 'run');
    byId('edit-plans').addEventListener('focus', () => void this.look());
    byId('edit-runs').addEventListener('focus', () => void offerRuns(byId<HTMLSelectElement>('edit-runs')).catch((failure: Error) => this.say(failure.message, true)));
    byId('edit-file').addEventListener('click', () => byId('edit-file-input').click());
    byId<HTMLInputElement>('edit-file-input').addEventListener('change', (change) => void this.openFile(change.target as HTMLInputElement));
    byId('edit-download').addEventListener('click', () => download(this.name, this.text!.text));
    byId('edit-rehearse').addEventListener('click', () => void this.rehearse());
    byId('edit-run').addEventListener('click', () => this.run(this.text!.text));
    byId('edit-form').addEventListener('submit', (submit) => { submit.preventDefault(); void this.save(); });
    byId('edit-view').addEventListener('keydown', (key) => {
      if (key.key === 's' && (key.ctrlKey || key.metaKey)) { key.preventDefault(); if (!byId<HTMLButtonElement>('edit-save').disabled) void this.save(); }
    });
  }

  private async openFile(input: HTMLInputElement): Promise<void> {
    const file = input.files?.[0];
    if (!file) return;
    input.value = '';
    if (!await this.mayLeave()) return;
    this.take({ text: await file.text(), name: file.name, version: '' }, '');
    replaceEdit('');
  }

  // A name without an ending is that of a YAML file.
  private get name(): string {
    const name = byId<HTMLInputElement>('edit-name').value.trim();
    return name && !/\.(ya?ml|json)$/.test(name) ? `${name}.yaml` : name;
  }

  private async save(): Promise<void> {
    const { name } = this;
    if (!name) { this.say('Give the plan a name first.', true); byId('edit-name').focus(); return; }
    const { text } = this.text!;
    try {
      const answer = await save(name, text, name === this.from.name ? this.from.version : '');
      if (!answer) { this.say(`${name} was left as it is`); return; }
      this.from = { text, name, version: answer.version };
      this.address = String(new URLSearchParams({ plan: name }));
      replaceEdit(this.address);
      byId<HTMLInputElement>('edit-name').value = name;
      byId('edit-changed').textContent = this.changed ? 'changed' : 'saved';
      this.keep(this.text!.text);
      this.say(answer.message);
      void this.look();
    } catch (failure) {
      this.say((failure as Error).message, true);
    }
  }
}

interface Draft { from: Opened; address: string; text: string }

function drafted(): Draft | null {
  try { return JSON.parse(kept(DRAFT) || 'null') as Draft | null; } catch { return null; }
}
