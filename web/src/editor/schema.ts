// Looks things up in the plan's JSON Schema: what may stand at a place, and what it means.
export interface Schema {
  $ref?: string; $defs?: Record<string, Schema>; type?: string | string[]; description?: string; properties?: Record<string, Schema>; required?: string[];
  items?: Schema; anyOf?: Schema[]; oneOf?: Schema[]; allOf?: Schema[]; enum?: unknown[]; const?: unknown; default?: unknown; pattern?: string;
  minimum?: number; maximum?: number; exclusiveMinimum?: number; additionalProperties?: boolean | Schema; if?: Schema; then?: Schema; minLength?: number;
}
export interface Known { places: string[]; objects: string[] }
export interface Pose { x: number; y: number; yaw: number } // metres, radians
export type Poses = Map<string, Pose>;

// A step into the document: into a field, with what is said of the action around it, or into an item.
export interface Step { key: string; type: string }
export const ITEM = '*';

export class PlanSchema {
  constructor(private readonly root: Schema) {}

  get kinds(): { name: string; description: string }[] {
    return (this.root.$defs?.Action.properties?.action_type.anyOf ?? []).map((one) => ({ name: String(one.const), description: one.description ?? '' }));
  }

  get action(): Schema { return this.root.$defs?.Action ?? {}; }
  get retry(): Schema { return this.root.$defs?.RetryPolicy ?? {}; }
  get plan(): Schema { return this.root.$defs?.Plan ?? {}; }

  // The parameters that a capability takes; null where it is none.
  parameters(type: string): Schema | null {
    const found = this.action.allOf?.find((one) => one.if?.properties?.action_type.const === type && one.then?.properties?.parameters);
    return found?.then?.properties?.parameters ?? null;
  }

  needed(type: string): Set<string> {
    const rule = this.action.allOf?.find((one) => one.if?.properties?.action_type.const === type && one.then?.allOf)?.then?.allOf ?? [];
    return new Set(rule.flatMap((one) => one.required ?? []));
  }

  // Every form that a value at this path may have.
  at(path: Step[]): Schema[] {
    let here = this.forms(this.root);
    for (const { key, type } of path) {
      here = here.flatMap((form) => {
        if (key === ITEM) return form.items ? this.forms(form.items) : [];
        if (key === 'parameters' && form.properties?.action_type) return this.forms(this.parameters(type) ?? {});
        const inside = form.properties?.[key];
        return inside ? this.forms(inside) : [];
      });
    }
    return here;
  }

  // What is said of a field: its own words, before those of its forms.
  words(path: Step[]): string {
    const last = path.at(-1);
    if (!last) return '';
    const holders = this.at(path.slice(0, -1));
    for (const form of holders) {
      const field = last.key === 'parameters' && form.properties?.action_type ? this.parameters(last.type) : null;
      const words = form.properties?.[last.key]?.description ?? field?.description;
      if (words) return words;
    }
    return this.at(path).find((form) => form.description && form.description !== 'CEL template')?.description ?? '';
  }

  forms(schema: Schema): Schema[] {
    if (schema.$ref) return this.forms(this.root.$defs?.[schema.$ref.split('/').at(-1) ?? ''] ?? {});
    const inside = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
    // Rules such as "one of the two is needed" say nothing of their own.
    const typed = inside.filter((one) => one.$ref || one.type || one.anyOf || one.oneOf || one.enum || one.const !== undefined || one.properties);
    return typed.length && !schema.properties ? typed.flatMap((one) => this.forms(one)) : [schema];
  }
}

const named = (form: Schema): string[] => (Array.isArray(form.type) ? form.type : form.type ? [form.type] : []);
const isTemplate = (form: Schema): boolean => form.description === 'CEL template';
const real = (forms: Schema[]): Schema[] => forms.filter((form) => !isTemplate(form) && !named(form).includes('null'));

// A place by its name, or a pose with coordinates.
export const isPlace = (forms: Schema[]): boolean => forms.some((form) => form.properties?.x && form.properties?.y) && forms.some((form) => named(form).includes('string') && !isTemplate(form));

export function choices(forms: Schema[]): { value: unknown; words: string }[] {
  return real(forms).flatMap((form) => {
    if (form.const !== undefined) return [{ value: form.const, words: form.description ?? '' }];
    if (form.enum) return form.enum.map((value) => ({ value, words: '' }));
    return named(form).includes('boolean') ? [{ value: true, words: '' }, { value: false, words: '' }] : [];
  });
}

export const ofType = (forms: Schema[], ...types: string[]): Schema | undefined => real(forms).find((form) => named(form).some((one) => types.includes(one)));

// What it is and its bounds, in a few words.
export function described(forms: Schema[]): string {
  const one = real(forms)[0];
  if (!one) return '';
  if (isPlace(forms)) return 'a place, an object or a pose';
  const offered = choices(forms);
  if (offered.length && offered.length <= 12) return offered.map(({ value }) => String(value)).join(', ');
  const bounds = [one.minimum !== undefined ? `from ${one.minimum}` : '', one.exclusiveMinimum !== undefined ? `above ${one.exclusiveMinimum}` : '', one.maximum !== undefined ? `to ${one.maximum}` : ''].filter(Boolean).join(' ');
  const kind = [...new Set(real(forms).flatMap(named))].map((type) => ({ string: 'text', object: 'mapping', array: 'list', integer: 'whole number', boolean: 'true or false' })[type] ?? type).join(' or ');
  return [kind, bounds].filter(Boolean).join(' ');
}
