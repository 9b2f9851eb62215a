// Checks a pasted plan: its issues are marked in the text, and the dry run is shown.
import { post } from './api.js';
import { byId, row, seconds } from './dom.js';

export function setUpValidation(say) {
  const text = byId('plan-text');
  const marks = byId('plan-marks');
  text.addEventListener('scroll', () => { marks.scrollTop = text.scrollTop; marks.scrollLeft = text.scrollLeft; });
  text.addEventListener('input', () => marks.replaceChildren());
  byId('validate-form').addEventListener('submit', async (submit) => {
    submit.preventDefault();
    try {
      show(await post('/api/validate', { plan: text.value }), text, marks);
    } catch (failure) {
      say(failure.message);
    }
  });
}

function show(answer, text, marks) {
  byId('validate-answer').textContent = answer.message;
  byId('validate-answer').className = answer.valid ? 'SUCCEEDED' : 'FAILED';
  const wrong = new Map(answer.issues.filter((issue) => issue.line).map((issue) => [issue.line, issue.message]));
  marks.replaceChildren(...text.value.split('\n').flatMap((line, index) => {
    const shown = document.createElement(wrong.has(index + 1) ? 'mark' : 'span');
    shown.textContent = line || ' ';
    return [shown, '\n'];
  }));
  byId('issues').hidden = answer.issues.length === 0;
  byId('issues').tBodies[0].replaceChildren(...answer.issues.map((issue) => row([
    { text: issue.severity, classes: issue.severity }, issue.line || '', `${issue.pointer || '/'} ${issue.code}`,
    issue.hint ? `${issue.message} ${issue.hint}` : issue.message,
  ])));
  const analysis = answer.analysis;
  byId('dry-run').hidden = !analysis;
  if (!analysis) return;
  byId('dry-run-words').textContent = `${analysis.action_count} actions, about ${seconds(analysis.makespan)} (${seconds(analysis.sequential_duration)} one after the other); critical path: ${analysis.critical_path.join(' → ') || 'none'}`;
  byId('waves').tBodies[0].replaceChildren(...analysis.groups.map((group) => row([
    group.index + 1, seconds(group.start), seconds(group.duration), group.action_ids.join(', '), group.resources.join(', '),
  ])));
}
