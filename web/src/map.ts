// The floor: the map, robots live, paths planned and driven, targets, objects, failures.
// Coordinates are metres in the map frame; Leaflet's are (y, x).
import * as L from 'leaflet';
import { goTo } from './address';
import { get } from './api.js';
import { byId, escaped, ofToday } from './dom.js';
import { floorImage } from './floor_image';
import type { Rehearsal } from './rehearsal';

type Point = [number, number];
interface Robot { name: string; x: number; y: number; yaw: number }
interface Thing { id: string; class: string; confidence: number | null; age: number; x: number; y: number }
interface Place { name: string; x: number; y: number; yaw: number }
interface Failure { execution_id: string; action_id: string; code: string; message: string; time: number; x: number; y: number }
interface Things {
  objects?: Thing[]; places?: Place[]; failures?: Failure[]; layers?: string[]; grid?: number;
  planned?: Record<string, Point[]>; footprints?: Record<string, Point[]>;
}
interface Target { action_id: string; x: number; y: number; yaw: number; status: string }
interface Drawn { body: L.Polygon; heading: L.Polyline; label: L.Tooltip; trail: L.Polyline }

const NOBODY = 'none';
const RADIUS = 0.2; // metres, of a robot that tells no footprint
const STEP = 0.05; // metres between two points of a path driven
const TRAIL = 2000; // points
const NAMED = 30; // objects; of more than that each tells its name under the pointer
const OLDER = 5000; // milliseconds between two looks at how old they are
const COLOURS: Record<string, string> = {
  SUCCEEDED: '#1a7343', FAILED: '#b3261e', RUNNING: '#1d5fc4', DISPATCHED: '#1d5fc4', RECOVERING: '#8a6100', CANCELLED: '#6b4a00',
};
const ROBOTS = ['#1d5fc4', '#8a3ffc', '#00796b', '#a2470b', '#b0177b', '#3b6e0f'];
const EMPTY = 'No map yet: nothing was published on the map topic. The robots are drawn all the same.';
const HINT = 'Click the floor, a place or an object to use it in a command.';

const at = (x: number, y: number): L.LatLngTuple => [y, x];

export class FloorMap {
  private readonly map: L.Map;
  private readonly robots = new Map<string, Drawn>();
  private readonly targets = L.layerGroup();
  private readonly things = L.layerGroup();
  private readonly planned = L.layerGroup();
  private readonly rehearsed = L.layerGroup();
  private image: L.ImageOverlay | null = null;
  private footprints: Record<string, Point[]> = {};
  private bounds: L.LatLngBounds | null = null;
  private grid: number | undefined;
  private fitted = false;
  private fitting = false;
  private whole = false; // whether all of it is looked at: then that stays so in a window of another size
  private shown = '';
  private places: Place[] = [];
  private objects: Thing[] = [];
  private marked: L.CircleMarker[] = []; // the objects, as they are drawn

  constructor(private readonly say: (text: string, wrong?: boolean) => void, private readonly use: (words: string) => void) {
    this.map = L.map(byId('map'), {
      crs: L.CRS.Simple, minZoom: 1, maxZoom: 9, zoomSnap: 0.25, zoomDelta: 0.5, attributionControl: false, preferCanvas: true,
      zoomAnimation: !matchMedia('(prefers-reduced-motion: reduce)').matches, inertia: false, fadeAnimation: false, // names that are drawn again do not flicker
    }).setView([0, 0], 5);
    // Where a robot is at a named place, its own name is drawn above that of the place.
    this.map.createPane('robot-names').style.zIndex = '680';
    for (const layer of [this.planned, this.rehearsed, this.things, this.targets]) layer.addTo(this.map);
    L.control.scale({ imperial: false }).addTo(this.map);
    this.map.on('click', (click) => this.clicked(click.latlng));
    // A map that a person has moved stays there until they ask for something else.
    this.map.on('dragstart', () => { byId<HTMLSelectElement>('map-follow').value = NOBODY; });
    byId('map-fit').addEventListener('click', () => this.fit());
    byId('map-layer').addEventListener('change', () => this.readGrid());
    byId<HTMLSelectElement>('map-place').addEventListener('change', (change) => {
      const select = change.target as HTMLSelectElement;
      if (select.value) this.use(select.value);
      select.value = '';
    });
    this.map.on('movestart zoomstart', () => { this.whole &&= this.fitting; });
    new ResizeObserver(() => { this.map.invalidateSize(); if (this.whole) this.fit(); }).observe(byId('map'));
    setInterval(() => { if (this.layer !== 'map' && !document.hidden) this.readGrid(); }, 2000);
    setInterval(() => this.marked.forEach((mark) => mark.getTooltip()?.update()), OLDER);
  }

  private get layer(): string { return byId<HTMLSelectElement>('map-layer').value; }

  // Everything anew, with the paths driven before this page was opened.
  async read(): Promise<void> {
    try {
      const scene = await get('/api/floor');
      this.showThings(scene.things);
      this.move(scene.robots);
      for (const [name, points] of Object.entries(scene.trails as Record<string, Point[]>)) {
        this.robots.get(name)?.trail.setLatLngs(points.map(([x, y]) => at(x, y)));
      }
      await this.readGrid();
      if (!this.fitted) this.fit();
    } catch (failure) {
      this.say((failure as Error).message, true);
    }
  }

  async readGrid(): Promise<void> {
    const floor = await floorImage(this.layer).catch(() => null);
    byId('map-note').textContent = floor ? HINT : `${EMPTY} ${HINT}`;
    if (!floor) return;
    const { url: picture, bounds } = floor;
    if (this.image) this.image.setUrl(picture).setBounds(bounds);
    else this.image = L.imageOverlay(picture, bounds, { className: 'floor', alt: '' }).addTo(this.map);
    this.image.bringToBack();
    const first = !this.bounds;
    if (this.layer === 'map' || first) this.bounds = bounds;
    if (first) this.fit();
  }

  fit(): void {
    const bounds = this.bounds ?? L.latLngBounds([...this.robots.values()].map((one) => one.body.getBounds().getCenter()));
    if (!bounds.isValid()) return;
    this.fitted = this.fitting = this.whole = true;
    this.map.fitBounds(bounds, { animate: false, padding: [8, 8], maxZoom: 7 });
    this.fitting = false;
  }

  move(robots: Robot[]): void {
    const names = new Set(robots.map((one) => one.name));
    for (const [name, drawing] of this.robots) {
      if (names.has(name)) continue;
      for (const part of Object.values(drawing)) (part as L.Layer).remove();
      this.robots.delete(name);
    }
    for (const robot of robots) this.moveOne(robot);
    const follow = byId<HTMLSelectElement>('map-follow');
    options(follow, [NOBODY, ...[...names].map((name) => `robot:${name}`)], (value) => (value === NOBODY ? 'nobody' : value.slice(6) || 'the robot'));
    const one = robots.find((robot) => follow.value === `robot:${robot.name}`);
    if (one) this.map.panTo(at(one.x, one.y), { animate: false });
  }

  private moveOne(robot: Robot): void {
    let drawing = this.robots.get(robot.name);
    if (!drawing) {
      const colour = ROBOTS[this.robots.size % ROBOTS.length];
      drawing = {
        trail: L.polyline([], { color: colour, weight: 2, opacity: 0.55, interactive: false }).addTo(this.map),
        body: L.polygon([], { color: colour, weight: 2, fillOpacity: 0.45, interactive: false }).addTo(this.map),
        heading: L.polyline([], { color: colour, weight: 3, interactive: false }).addTo(this.map),
        label: L.tooltip({ permanent: true, direction: 'bottom', offset: [0, 12], className: 'robot-label', pane: 'robot-names', opacity: 1 }).setLatLng([0, 0]).setContent(escaped(robot.name || 'robot')).addTo(this.map),
      };
      this.robots.set(robot.name, drawing);
    }
    const [sin, cos] = [Math.sin(robot.yaw), Math.cos(robot.yaw)];
    const there = (x: number, y: number) => at(robot.x + x * cos - y * sin, robot.y + x * sin + y * cos);
    const outline = this.footprints[robot.name] ?? CIRCLE;
    const ahead = Math.max(...outline.map(([x]) => x));
    drawing.body.setLatLngs(outline.map(([x, y]) => there(x, y)));
    drawing.heading.setLatLngs([there(0, 0), there(ahead * 1.35, 0)]);
    drawing.label.setLatLng(at(robot.x, robot.y));
    const trail = drawing.trail.getLatLngs() as L.LatLng[];
    const last = trail.at(-1);
    if (!last || Math.hypot(last.lng - robot.x, last.lat - robot.y) >= STEP) {
      drawing.trail.setLatLngs([...trail.slice(1 - TRAIL), L.latLng(robot.y, robot.x)]);
    }
    byId('map').dataset[`robot${robot.name.replace(/\W/g, '')}`] = `${robot.x.toFixed(2)} ${robot.y.toFixed(2)}`;
  }

  showThings(things: Things): void {
    this.footprints = things.footprints ?? {};
    this.planned.clearLayers();
    for (const path of Object.values(things.planned ?? {})) {
      L.polyline(path.map(([x, y]) => at(x, y)), { color: '#6d44a8', weight: 2.5, dashArray: '6 5', interactive: false }).addTo(this.planned);
    }
    this.things.clearLayers();
    this.places = things.places ?? [];
    this.objects = things.objects ?? [];
    for (const place of this.places) {
      const { name } = place;
      L.circleMarker(at(place.x, place.y), { radius: 5, color: '#56616d', weight: 1.5, fillOpacity: 0.2, bubblingMouseEvents: false })
        .bindTooltip(escaped(name.replaceAll('_', ' ')), { permanent: true, direction: 'right', className: 'place-label', offset: [4, 0] })
        .on('click', () => this.use(name.replaceAll('_', ' '))).addTo(this.things);
    }
    const drawn = Date.now();
    this.marked = this.objects.map((one) => L.circleMarker(at(one.x, one.y), { radius: 6, color: '#855c00', weight: 2, fillColor: '#e9bd55', fillOpacity: 0.85, bubblingMouseEvents: false })
      .bindTooltip(() => escaped(seen(one, one.age + (Date.now() - drawn) / 1000)), { permanent: this.objects.length <= NAMED, direction: 'top', className: 'object-label', offset: [0, -5] })
      .on('click', () => this.use(one.id.replaceAll('_', ' '))).addTo(this.things));
    for (const one of things.failures ?? []) {
      L.marker(at(one.x, one.y), { keyboard: false, icon: L.divIcon({ className: 'failure-mark', html: '✗', iconSize: [16, 16] }) })
        .bindTooltip(escaped(`${one.action_id} failed here at ${ofToday(one.time)}: ${one.code} ${one.message}`), { direction: 'top' }).addTo(this.things);
    }
    const select = byId<HTMLSelectElement>('map-place');
    options(select, ['', ...this.places.map((one) => one.name.replaceAll('_', ' ')), ...this.objects.map((one) => one.id.replaceAll('_', ' '))], (name) => name || 'a place or an object …');
    options(byId('map-layer'), things.layers?.length ? things.layers : ['map'], (name) => (name === 'map' ? 'map' : `${name} costmap`));
    if (things.grid !== this.grid) {
      this.grid = things.grid;
      void this.readGrid();
    }
  }

  showTargets(executionId: string, targets: Target[]): void {
    const written = JSON.stringify([executionId, targets]);
    if (written === this.shown) return;
    this.shown = written;
    this.targets.clearLayers();
    if (targets.length > 1) L.polyline(targets.map((one) => at(one.x, one.y)), { color: '#56616d', weight: 1, dashArray: '1 5', interactive: false }).addTo(this.targets);
    targets.forEach((one, index) => {
      const colour = COLOURS[one.status] ?? '#4a5560';
      L.polyline([at(one.x, one.y), at(one.x + 0.3 * Math.cos(one.yaw), one.y + 0.3 * Math.sin(one.yaw))], { color: colour, weight: 3, interactive: false }).addTo(this.targets);
      L.circleMarker(at(one.x, one.y), { radius: 8, color: colour, weight: 2, fillColor: colour, fillOpacity: 0.9, bubblingMouseEvents: false })
        .bindTooltip(escaped(`${index + 1}. ${one.action_id}: ${one.status.toLowerCase()}`), { direction: 'top' }).on('click', () => goTo(executionId, one.action_id)).addTo(this.targets);
    });
    byId('map').dataset.targets = String(targets.length);
  }

  // The way that the robots would go, and where they would touch something.
  showRehearsal(rehearsal: Rehearsal | null): void {
    this.rehearsed.clearLayers();
    const ways = Object.values(rehearsal?.trajectories ?? {}).filter((way) => way.length > 1);
    for (const way of ways) {
      L.polyline(way.map(([, x, y]) => at(x, y)), { color: '#b0177b', weight: 3, dashArray: '2 7', interactive: false }).addTo(this.rehearsed);
    }
    for (const one of rehearsal?.collisions ?? []) {
      L.circleMarker(at(one.x, one.y), { radius: 7, color: '#b3261e', weight: 3, fillOpacity: 0, bubblingMouseEvents: false })
        .bindTooltip(escaped(`would touch something here after ${one.time.toFixed(1)} s`), { direction: 'top' }).addTo(this.rehearsed);
    }
    byId('map').dataset.rehearsed = String(ways.length);
  }

  private clicked(point: L.LatLng): void {
    this.use(`(${point.lng.toFixed(2)}, ${point.lat.toFixed(2)})`);
  }
}

const CIRCLE: Point[] = Array.from({ length: 20 }, (_, i) => [RADIUS * Math.cos(i * Math.PI / 10), RADIUS * Math.sin(i * Math.PI / 10)]);

function seen(one: Thing, age: number): string {
  const sure = one.confidence === null || one.confidence === undefined ? '' : `, ${Math.round(100 * one.confidence)}% sure`;
  return `${one.id.replaceAll('_', ' ')}${one.class && one.class !== one.id ? ` (${one.class})` : ''}${sure}, seen ${age < 90 ? `${age.toFixed(0)} s` : age < 5400 ? `${Math.round(age / 60)} min` : `${Math.round(age / 3600)} h`} ago`;
}

// Sets the options of a list only when they changed, so that an open list stays open.
function options(select: HTMLSelectElement, values: string[], label: (value: string) => string): void {
  const wanted = values.map((value): [string, string] => [value, label(value)]);
  const written = JSON.stringify(wanted);
  if (select.dataset.options === written) return;
  const before = select.value;
  select.dataset.options = written;
  select.replaceChildren(...wanted.map(([value, words]) => new Option(words, value)));
  select.value = values.includes(before) ? before : values[0];
}
