// Who did what: what people and programs asked for, the newest on top, with what was refused.
import { address } from './address';
import { get } from './api.js';
import { breakable, byId, element, row, toTheSecond } from './dom.js';

interface Deed { sequence: number; time: number; who: string; what: string; execution_id: string; action_id: string; refused: string }
const TYPING = 250; // milliseconds after the last letter until the journal is asked
const PAGE = 200; // what the node answers with at once

export class Deeds {
  private shown: Deed[] = [];
  private reading = 0;
  private typing = 0;
  private readonly form = byId<HTMLFormElement>('deeds-filter');

  constructor(private readonly say: (text: string, wrong?: boolean) => void) {
    this.form.addEventListener('input', () => { clearTimeout(this.typing); this.typing = setTimeout(() => void this.read(), TYPING); });
    this.form.addEventListener('submit', (submit) => submit.preventDefault());
    byId('deeds-older').addEventListener('click', () => void this.read(this.shown.at(-1)?.sequence));
  }

  // Read again after a new request, unless a person has scrolled to older ones.
  async refresh(): Promise<void> {
    if (this.shown.length <= PAGE && byId('deeds-scroll').scrollTop === 0) await this.read();
  }

  async read(before = 0): Promise<void> {
    this.reading += 1;
    const mine = this.reading;
    const words = String(new FormData(this.form).get('words') ?? '');
    try {
      const { deeds } = await get(`/api/deeds?words=${encodeURIComponent(words)}&before=${before}`) as { deeds: Deed[] };
      if (mine !== this.reading) return;
      this.shown = before ? [...this.shown, ...deeds] : deeds;
      byId('deeds-older').hidden = deeds.length < PAGE;
      this.draw(words);
    } catch (failure) {
      this.say((failure as Error).message, true);
    }
  }

  private draw(words: string): void {
    byId('deeds-none').hidden = this.shown.length > 0;
    byId('deeds-none').textContent = words ? 'Nobody did anything like that: take some words away.' : 'Nobody has asked for anything yet.';
    byId('deeds-scroll').hidden = this.shown.length === 0;
    byId<HTMLTableElement>('deeds').tBodies[0].replaceChildren(...this.shown.map((one) => row([
      { text: toTheSecond(one.time), classes: 'time' }, one.who,
      element('span', {}, [element('span', { text: one.what }), ...(one.refused ? [element('small', { text: ` refused: ${one.refused}`, classes: 'error' })] : [])]),
      one.execution_id ? element('a', { href: address(one.execution_id, one.action_id) }, [...breakable(one.action_id ? `${one.execution_id} / ${one.action_id}` : one.execution_id).childNodes]) : '',
    ])));
  }
}
