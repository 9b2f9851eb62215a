// The chosen execution: its status, buttons, its timeline, its plan and its actions.
import { address, goTo } from './address';
import { asked } from './ask';
import { breakable, byId, counted, element, redrawn, row, seconds, tone, words } from './dom.js';
import { ActionTable } from './actions';
import { PlanGraph } from './graph';
import { figure } from './pictures';
import { ResourceTimeline } from './timeline.js';

const LONG = 60; // seconds that a run may have lasted for a cancel to be carried out without a question
const FINAL = new Set(['COMPLETED', 'PARTIALLY_COMPLETED', 'FAILED', 'CANCELLED']);

export class Detail {
  constructor(act, say, onStop, refresh) {
    this.act = act;
    this.say = say;
    this.actions = new ActionTable(say);
    this.timeline = new ResourceTimeline(byId('timeline'), byId('follow'), (action) => goTo(this.shown, action), refresh);
    this.graph = new PlanGraph(byId('graph'), (action) => goTo(this.shown, action), onStop);
    byId('controls').addEventListener('click', (click) => {
      const { verb } = click.target.dataset;
      if (verb === 'cancel' && this.elapsed > LONG) this.askToCancel();
      else if (verb) act(verb, { execution_id: this.shown });
    });
  }

  async askToCancel() {
    const { shown } = this;
    if (await asked(`Cancel ${this.title} after ${seconds(this.elapsed)}?`, 'Cancel the run', 'Let it run')) this.act('cancel', { execution_id: shown });
  }

  // In steps, between which the page answers: a plan of a thousand actions takes a while to draw.
  async draw(execution) {
    this.shown = execution.execution_id;
    this.title = execution.command || execution.execution_id;
    this.elapsed = execution.elapsed;
    const final = FINAL.has(execution.status);
    byId('detail-title').textContent = this.title;
    byId('detail').classList.toggle('nothing', final && !execution.action_count); // an answer, a schedule
    const status = byId('detail-status');
    status.textContent = words(execution.status);
    status.className = `chip ${tone(execution.status)}`;
    byId('detail-reason').textContent = execution.reason || (final ? '' : course(execution));
    const meter = byId('detail-progress');
    meter.hidden = false;
    meter.className = `meter ${tone(execution.status)}`;
    meter.setAttribute('aria-valuenow', execution.percentage.toFixed(0));
    meter.firstElementChild.style.width = `${execution.percentage}%`;
    this.drawFacts(execution, final);
    this.drawQuestions(execution);
    this.drawSignals(execution);
    byId('controls').hidden = final;
    byId('again').hidden = !final;
    byId('papers').hidden = false;
    for (const form of ['html', 'json', 'yaml']) byId(`paper-${form}`).href = `/api/executions/${encodeURIComponent(execution.execution_id)}/report.${form}`;
    byId('go-on').hidden = !execution.can_go_on || execution.status === 'COMPLETED';
    for (const button of byId('controls').children) {
      const { verb } = button.dataset;
      button.hidden = verb === 'step' && !execution.at_breakpoint;
      button.disabled = (verb === 'pause' && execution.paused) || (verb === 'resume' && !execution.paused);
    }
    await breath();
    this.timeline.show(execution);
    await breath();
    // A large plan takes seconds to lay out: everything else keeps working meanwhile.
    this.graph.show(execution.execution_id, execution.graph, execution.critical_path, execution.breakpoints).catch((failure) => this.say(failure.message, true));
    await this.actions.read(execution.execution_id);
    await breath();
    this.drawReplannings(execution);
    byId('rollback-card').hidden = !execution.rollback.length;
    redrawn(byId('rollback').tBodies[0], execution.rollback, (lines) => lines.map((line) => row([
      { text: line.action_id, classes: 'name' }, line.what, line.why,
    ])));
    byId('said-card').hidden = !execution.words.length;
    redrawn(byId('said').tBodies[0], execution.words, (failures) => failures.map((failure) => row([
      { text: seconds(failure.time - execution.accepted), classes: 'number' }, breakable(failure.action_id, 'name'), { text: String(failure.attempt), classes: 'number' }, breakable(failure.error),
      { text: failure.said.join('\n'), classes: 'said' },
    ])));
  }

  drawFacts(execution, final) {
    const { figures } = execution;
    const facts = [
      [final ? 'took' : 'so far', seconds(execution.elapsed)],
      ...(final ? [] : [['phase', execution.phase], ['about left', execution.estimated_remaining < 0 ? 'unknown' : seconds(execution.estimated_remaining)]]),
      ['goals sent', execution.attempts], ['retries', figures.retries], ['recoveries', execution.recoveries],
      ['success', `${Math.round(100 * figures.success_rate)}%`], ['quality', figures.quality_score.toFixed(2)],
      ['parallel efficiency', `${Math.round(100 * figures.parallel_efficiency)}%`], ['cost', figures.total_cost.toFixed(2)],
    ];
    byId('facts').hidden = false;
    redrawn(byId('facts'), facts, () => facts.map(([name, value]) => element('div', {}, [element('dt', { text: name }), element('dd', { text: String(value) })])));
  }

  drawReplannings({ replannings, accepted }) {
    const list = byId('replannings');
    list.hidden = !replannings.length;
    redrawn(list, replannings, () => replannings.map(({ time, dropped, added }) => element('li', {
      text: `New plan after ${seconds(time - accepted)}: ${[dropped.length ? `without ${dropped.join(', ')}` : '', added.length ? `new: ${added.join(', ')}` : ''].filter(Boolean).join('; ') || 'the same actions again'}`,
    })));
  }

  drawQuestions(execution) {
    // Whoever answers sees where it is about, and what the robot saw last.
    const saw = execution.pictures?.at(-1);
    const places = new Map(execution.targets.map((target) => [target.action_id, target]));
    const about = execution.questions.map(({ action_id: key }) => places.get(key)).map((place) => place && [place.x, place.y]);
    redrawn(byId('questions'), [execution.execution_id, execution.questions, about, saw?.picture], () => execution.questions.map(({ action_id: key, question }, index) => {
      const answer = (approve) => {
        const button = element('button', { type: 'button', text: approve ? 'Approve' : 'Refuse', classes: approve ? 'primary operates' : 'operates' });
        button.addEventListener('click', () => this.act('confirm', { execution_id: execution.execution_id, action_id: key, approve }));
        return button;
      };
      const at = about[index];
      const where = at ? [element('small', { text: `It acts at (${at[0].toFixed(2)}, ${at[1].toFixed(2)}), which is on the map below.` })] : [];
      const picture = saw ? [figure(saw, `seen by ${saw.action_id}`, address(execution.execution_id, saw.action_id))] : [];
      return element('div', { classes: 'question' }, [element('span', {}, [element('span', { text: `${question.charAt(0).toUpperCase()}${question.slice(1)}` }), ...where]), ...picture, answer(true), answer(false)]);
    }));
  }

  // What actions wait for: a value of the type that the plan declares, as JSON; other words are a text.
  drawSignals(execution) {
    redrawn(byId('signals'), [execution.execution_id, execution.signals], () => execution.signals.map(({ action_id: key, name, type }) => {
      const input = element('input', { name, 'aria-label': `Value of ${name}`, placeholder: type.type ?? 'JSON', value: type.default === undefined ? '' : JSON.stringify(type.default) });
      const form = element('form', { classes: 'question' }, [
        element('span', { text: `${key} waits for ${name}${type.description ? `: ${type.description}` : ''}` }), input,
        element('button', { type: 'submit', text: 'Send', classes: 'primary operates' }),
      ]);
      form.addEventListener('submit', (event) => {
        event.preventDefault();
        this.act('signal', { execution_id: execution.execution_id, name, value: plain(input.value) });
      });
      return form;
    }));
  }
}

function plain(text) {
  if (!text.trim()) return null;
  try { return JSON.parse(text); } catch { return text; }
}

const breath = () => new Promise((done) => { setTimeout(done); });

function course({ replannings, recoveries, questions, signals, waits }) {
  if (questions.length) return 'waits for an answer';
  if (signals.length) return 'waits for a signal';
  if (waits) return waits;
  const helped = recoveries ? ` after ${counted(recoveries, 'recovery', 'recoveries')}` : '';
  if (replannings.length) return `runs by another plan${helped}`;
  return helped ? `goes on${helped}` : 'runs as planned';
}
