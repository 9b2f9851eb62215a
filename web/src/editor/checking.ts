// Asks the node what is wrong with the text: a moment after the last change, one question at a time.
import { post } from '../api.js';
import type { Bar } from '../gantt';
import type { Issue } from './text';

interface Analysis { action_count: number; makespan: number; sequential_duration: number; critical_path: string[]; suggestions: string[] }
export interface Verdict { valid: boolean; message: string; issues: Issue[]; analysis: Analysis | null; bars: Bar[] }

const QUIET = 400; // milliseconds without a change

export class Checking {
  private timer = 0;
  private asking = false;
  private again = false;

  constructor(private readonly text: () => string, private readonly onVerdict: (verdict: Verdict) => void, private readonly onFailure: (why: string) => void) {}

  soon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.ask(), QUIET);
  }

  private async ask(): Promise<void> {
    if (this.asking) { this.again = true; return; }
    this.asking = true;
    const plan = this.text();
    try {
      const verdict: Verdict = await post('/api/validate', { plan });
      // What is old already would be marked in the wrong places.
      if (plan === this.text()) this.onVerdict(verdict);
    } catch (failure) {
      if (plan === this.text()) this.onFailure((failure as Error).message);
    } finally {
      this.asking = false;
      if (this.again) { this.again = false; this.soon(); }
    }
  }
}
