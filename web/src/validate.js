// Checks a pasted plan: its issues are marked in the text, and the dry run is shown.
import { post } from './api.js';
import { byId, counted, element, row, seconds } from './dom.js';
import { rehearse } from './rehearsal';

export function setUpValidation(say) {
  const text = byId('plan-text');
  const marks = byId('plan-marks');
  text.addEventListener('scroll', () => { marks.scrollTop = text.scrollTop; marks.scrollLeft = text.scrollLeft; });
  text.addEventListener('input', () => { marks.replaceChildren(); byId('rehearsal-card').hidden = true; });
  byId('rehearse').addEventListener('click', () => {
    const asked = text.value;
    byId('rehearsal-card').hidden = false;
    rehearse(byId('rehearsal'), { plan: asked }, () => text.value === asked);
  });
  byId('validate-form').addEventListener('submit', async (submit) => {
    submit.preventDefault();
    try {
      const checked = text.value;
      const answer = await post('/api/validate', { plan: checked });
      if (text.value === checked) show(answer, text, marks);
    } catch (failure) {
      say(failure.message, true);
    }
  });
}

function show(answer, text, marks) {
  const verdict = byId('validate-answer');
  verdict.textContent = answer.message;
  verdict.className = answer.valid ? 'ok' : 'bad';
  mark(answer.issues, text, marks);
  const inOrder = [...answer.issues].sort((a, b) => (a.line - b.line) || (a.column - b.column));
  byId('issues-card').hidden = inOrder.length === 0;
  byId('issues').tBodies[0].replaceChildren(...inOrder.map((issue) => row([
    { text: issue.severity, classes: issue.severity }, goTo(issue, text), element('span', {}, [element('strong', { text: issue.code }), issue.pointer || '/']),
    element('span', {}, [`${issue.message} `, element('span', { text: issue.hint, classes: 'hint' })]),
  ])));
  drawDryRun(answer.analysis);
}

function mark(issues, text, marks) {
  const wrong = new Map();
  for (const issue of issues) if (issue.line && !(wrong.get(issue.line)?.severity === 'error')) wrong.set(issue.line, issue);
  marks.replaceChildren(...text.value.split('\n').map((line, index) => {
    const issue = wrong.get(index + 1);
    if (!issue) return element('span', { text: line, classes: 'line' });
    const start = Math.min(Math.max((issue.column || 1) - 1, 0), line.length);
    return element('span', { classes: 'line' }, [line.slice(0, start), element('mark', { text: line.slice(start) || ' ', classes: issue.severity })]);
  }));
  marks.scrollTop = text.scrollTop;
}

// The line number is a button that puts the cursor there.
function goTo(issue, text) {
  if (!issue.line) return element('span', { text: '' });
  const button = element('button', { type: 'button', classes: 'small', text: String(issue.line), 'aria-label': `Go to line ${issue.line}` });
  button.addEventListener('click', () => {
    const lines = text.value.split('\n');
    const at = lines.slice(0, issue.line - 1).reduce((sum, line) => sum + line.length + 1, 0) + Math.max((issue.column || 1) - 1, 0);
    text.focus();
    text.setSelectionRange(at, at);
  });
  return button;
}

function drawDryRun(analysis) {
  byId('dry-run').hidden = !analysis;
  if (!analysis) return;
  byId('dry-run-words').textContent = `${counted(analysis.action_count, 'action')}, about ${seconds(analysis.makespan)} (${seconds(analysis.sequential_duration)} one after the other); critical path: ${analysis.critical_path.join(' → ') || 'none'}`;
  byId('dry-run-suggestions').replaceChildren(...analysis.suggestions.map((text) => element('li', { text })));
  byId('waves').tBodies[0].replaceChildren(...analysis.groups.map((group) => {
    const bar = element('i');
    bar.style.left = `${100 * group.start / analysis.makespan}%`;
    bar.style.width = `${100 * group.duration / analysis.makespan}%`;
    return row([
      { text: String(group.index + 1), classes: 'number' }, { text: seconds(group.start), classes: 'number' }, { text: seconds(group.duration), classes: 'number' },
      element('span', { classes: 'gantt', 'aria-hidden': 'true' }, [bar]), group.action_ids.join(', '), group.resources.join(', ') || '–',
    ]);
  }));
}
