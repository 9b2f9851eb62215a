// What the robot's camera saw: the pictures of a run, and a live view on request.
import { address } from './address';
import { byId, element, redrawn, seconds } from './dom.js';

export interface Picture { action_id?: string; attempt: number; picture: string; after: number; seen: string[] }

const PERIOD = 500; // milliseconds between two pictures of the live view; the node may give fewer
const NOTHING_YET = 'No picture has come yet.';

export const source = (name: string): string => `/api/pictures/${name}`;

// One picture with its words; a kept one may be gone, and then its words say so.
export function figure(one: Picture, words: string, link: string): HTMLElement {
  const seen = one.seen.length ? `: ${one.seen.join(', ')}` : '';
  const image = element('img', { src: source(one.picture), alt: `${words}${seen}`, loading: 'lazy' });
  image.addEventListener('error', () => image.replaceWith(element('span', { text: 'not kept any more', classes: 'soft' })));
  return element('figure', {}, [element('a', { href: link, 'aria-label': `${words}${seen}` }, [image]), element('figcaption', { text: `${words} · ${seconds(one.after)}${seen}` })]);
}

export class Pictures {
  private readonly live = element('img', { id: 'camera-live', classes: 'live' }) as HTMLImageElement;
  private readonly look = byId<HTMLButtonElement>('camera-look');
  private readonly robot = byId<HTMLSelectElement>('camera-robot');
  private timer = 0;
  private any = false;

  constructor() {
    this.look.addEventListener('click', () => (this.timer ? this.stop() : this.start()));
    this.robot.addEventListener('change', () => this.live.remove());
  }

  // The cameras that can be looked through, by their robots.
  offer(cameras: string[]): void {
    this.look.hidden = !cameras.length;
    byId('camera-choice').hidden = cameras.length < 2;
    redrawn(this.robot, cameras, () => cameras.map((name) => element('option', { value: name || '-', text: name || 'the robot' })));
    if (!cameras.length && this.timer) this.stop();
    this.reveal();
  }

  draw(execution: string, pictures: Picture[]): void {
    this.any = pictures.length > 0;
    redrawn(byId('pictures'), [execution, pictures], () => pictures.map((one) => figure(one, one.action_id ?? '', address(execution, one.action_id ?? ''))));
    this.reveal();
  }

  private reveal(): void {
    byId('cameras-card').hidden = !this.any && this.look.hidden;
  }

  private start(): void {
    this.look.setAttribute('aria-pressed', 'true');
    this.look.textContent = 'Look no more';
    this.say(NOTHING_YET);
    this.timer = window.setInterval(() => { if (!document.hidden) void this.see(); }, PERIOD);
    void this.see();
  }

  private stop(): void {
    clearInterval(this.timer);
    this.timer = 0;
    this.look.setAttribute('aria-pressed', 'false');
    this.look.textContent = 'Look through the camera';
    this.live.remove();
    this.say('');
  }

  private say(text: string): void {
    byId('camera-note').hidden = !text;
    byId('camera-note').textContent = text;
  }

  private async see(): Promise<void> {
    const robot = this.robot.value || '-';
    const answer = await fetch(`/api/cameras/${encodeURIComponent(robot)}`, { cache: 'no-store' }).catch(() => null);
    if (!this.timer) return;
    if (!answer?.ok) { this.say('The node does not answer.'); return; }
    if (answer.status === 204) { this.say(NOTHING_YET); return; }
    const picture = await answer.blob();
    const reader = new FileReader(); // an address of a blob is none of those that the page may load
    reader.onload = () => {
      if (!this.timer) return;
      this.say('');
      this.live.src = String(reader.result);
      this.live.alt = `What the camera of ${robot === '-' ? 'the robot' : robot} sees now`;
      byId('camera-view').replaceChildren(this.live);
    };
    reader.readAsDataURL(picture);
  }
}
