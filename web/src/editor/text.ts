// The text of a plan: CodeMirror with the plan's schema, and the issues of the node's validator in it.
import { closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, isolateHistory, redo, undo } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { bracketMatching, codeFolding, foldGutter, foldKeymap, HighlightStyle, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { lintGutter, lintKeymap, setDiagnostics, type Diagnostic } from '@codemirror/lint';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { EditorState, Transaction } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { completion, type Sources } from './completion';

export interface Issue { code: string; severity: 'error' | 'warning' | 'info'; pointer: string; line: number; column: number; message: string; hint: string }

const COLOURS = HighlightStyle.define([
  { tag: [tags.definition(tags.propertyName), tags.propertyName], color: 'var(--accent)' },
  { tag: tags.comment, color: 'var(--soft)', fontStyle: 'italic' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--ok)' },
  { tag: [tags.number, tags.bool, tags.keyword, tags.atom], color: 'var(--warn)' },
]);

export class PlanText {
  readonly view: EditorView;

  constructor(holder: HTMLElement, sources: Sources, onChange: () => void, onCursor: () => void) {
    const state = EditorState.create({
      extensions: [
        lineNumbers(), foldGutter(), codeFolding(), history(), drawSelection(), highlightActiveLine(), highlightActiveLineGutter(), bracketMatching(), closeBrackets(), indentUnit.of('  '),
        yaml(), syntaxHighlighting(COLOURS), search({ top: true }), highlightSelectionMatches(), lintGutter(), completion(sources), EditorState.tabSize.of(2),
        // Tab leaves the text, as everywhere on the page; Ctrl+] and Ctrl+[ indent.
        keymap.of([...closeBracketsKeymap, ...completionKeymap, ...defaultKeymap, ...historyKeymap, ...searchKeymap, ...foldKeymap, ...lintKeymap]),
        EditorView.contentAttributes.of({ tabindex: '0', 'aria-label': 'The plan as text, in YAML or JSON', spellcheck: 'false' }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) onChange();
          if (update.selectionSet && !update.docChanged) onCursor();
        }),
      ],
    });
    this.view = new EditorView({ state, parent: holder });
  }

  get cursor(): number { return this.view.state.selection.main.head; }
  get text(): string { return this.view.state.doc.toString(); }

  // Another document; what was before can be undone to.
  open(text: string): void {
    this.view.dispatch({
      changes: { from: 0, to: this.view.state.doc.length, insert: text }, selection: { anchor: 0 }, scrollIntoView: true,
      annotations: [isolateHistory.of('full'), Transaction.userEvent.of('input.open')],
    });
  }

  // Takes a changed text over as one step of the history; only what differs is touched.
  change(text: string, cursor?: number): void {
    const before = this.text;
    let start = 0;
    while (start < Math.min(before.length, text.length) && before[start] === text[start]) start += 1;
    let end = 0;
    while (end < Math.min(before.length, text.length) - start && before[before.length - 1 - end] === text[text.length - 1 - end]) end += 1;
    if (before === text && cursor === undefined) return;
    this.view.dispatch({
      changes: before === text ? undefined : { from: start, to: before.length - end, insert: text.slice(start, text.length - end) },
      selection: cursor === undefined ? undefined : { anchor: Math.min(cursor, text.length) }, scrollIntoView: true,
      annotations: [isolateHistory.of('full'), Transaction.userEvent.of('input.form')],
    });
  }

  // Puts the cursor somewhere without taking the focus.
  goTo(at: number): void {
    const anchor = Math.min(at, this.view.state.doc.length);
    this.view.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: 'center' }) });
  }

  goToIssue(issue: Issue): void {
    this.goTo(this.placeOf(issue).from);
    this.view.focus();
  }

  undo(): void { undo(this.view); }
  redo(): void { redo(this.view); }

  mark(issues: Issue[]): void {
    const diagnostics = issues.map((issue): Diagnostic => ({
      ...this.placeOf(issue), severity: issue.severity, source: issue.code,
      message: `${issue.message}${issue.hint ? `\n${issue.hint}` : ''}`,
    }));
    this.view.dispatch(setDiagnostics(this.view.state, diagnostics.sort((a, b) => a.from - b.from)));
  }

  // From where the issue is to the end of that word or text.
  private placeOf({ line, column }: Issue): { from: number; to: number } {
    const { doc } = this.view.state;
    const row = doc.line(Math.min(Math.max(line, 1), doc.lines));
    const at = Math.min(Math.max(column - 1, 0), row.length);
    const length = /^(?:"[^"]*"?|'[^']*'?|[^\s,[\]{}]+|.)/.exec(row.text.slice(at))?.[0].length ?? 0;
    return { from: row.from + at, to: row.from + at + length };
  }
}
