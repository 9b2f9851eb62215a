// Everything but the chosen execution: all executions, alerts, resources and servers.
import { breakable, byId, chip, counted, element, redrawn, row, tone } from './dom.js';

// The state of a circuit breaker in plain words.
function circuit({ available, breaker, failures }) {
  if (available === false) return element('span', { text: 'not there', classes: 'chip bad' });
  if (breaker === 'OPEN') return element('span', { text: 'resting after failures', classes: 'chip bad' });
  if (breaker === 'HALF_OPEN') return element('span', { text: 'being tried', classes: 'chip warn' });
  if (failures) return element('span', { text: counted(failures, 'failure'), classes: 'chip warn' });
  return element('span', { text: available ? 'ok' : 'not used yet', classes: `chip ${available ? 'ok' : ''}` });
}

export class Overview {
  constructor(onChoose, act) {
    this.onChoose = onChoose;
    this.act = act;
  }

  draw(state, chosen) {
    const trouble = state.failure ? state.failure : state.emergency_stopped ? `Emergency stop: ${state.emergency_reason}` : '';
    byId('banner').hidden = !trouble;
    if (byId('banner').textContent !== trouble) byId('banner').textContent = trouble;
    byId('stopped').hidden = !state.emergency_stopped;
    if (!state.emergency_stopped) byId('safe').checked = false;
    byId('reset').disabled = !byId('safe').checked;
    const motion = state.robot_motion_reason ?? '';
    if (byId('robot-motion').textContent !== motion) byId('robot-motion').textContent = motion;
    byId('quarantine').hidden = !state.quarantined.length;
    redrawn(byId('quarantine'), state.quarantined, (goals) => goals.map((goal) => this.quarantined(goal)));
    this.drawExecutions(state.executions, chosen);
    byId('schedules-card').hidden = !state.schedules.length;
    byId('schedules-none').hidden = state.schedules.length > 0;
    for (const list of ['schedules', 'all-schedules']) redrawn(byId(list), state.schedules, (schedules) => schedules.map((one) => this.schedule(one)));
    redrawn(byId('alerts'), [state.alerts, state.undelivered], ([alerts, undelivered]) => [
      ...(alerts.length ? alerts.map((alert) => element('li', { text: alert.message, classes: alert.severity })) : [element('li', { text: 'none' })]),
      ...Object.entries(undelivered).map(([target, reason]) => element('li', { text: `Alerts do not reach ${target}: ${reason}`, classes: 'warning' })),
    ]);
    redrawn(byId('resources').tBodies[0], [state.resources, chosen], ([resources]) => resources.map((one) => row([
      { text: one.resource, classes: 'name' }, `${one.available} of ${one.capacity}`,
      one.holders.length ? element('span', {}, one.holders.flatMap((held, index) => [...(index ? [', '] : []), ...this.holder(one.resource, held, chosen)])) : '–',
    ])));
    redrawn(byId('servers'), state.servers, (servers) => (servers.length ? servers.map((server) => element('li', {}, [
      breakable(server.name),
      circuit(server),
    ])) : [element('li', { text: 'none was used yet', classes: 'soft' })]));
  }

  // Who holds a resource. A lease from outside can be released, in two steps.
  holder(resource, held, chosen) {
    const name = breakable(held.execution_id === chosen || !held.execution_id ? held.holder : `${held.holder} in ${held.execution_id}`);
    if (!held.lease_id) return [name];
    const button = element('button', { type: 'button', text: 'Give free', classes: 'small administers', 'aria-label': `Give ${resource} free, which ${held.holder} holds` });
    button.addEventListener('click', () => {
      if (button.dataset.asked) { this.act('release_lease', { lease_id: held.lease_id }); return; }
      button.dataset.asked = 'yes';
      button.textContent = `${held.holder} is done with it: free`;
      button.setAttribute('aria-label', button.textContent);
    });
    return [name, ' ', button];
  }

  drawExecutions(executions, chosen) {
    const list = byId('executions');
    const focused = document.activeElement?.dataset?.execution;
    const shown = executions.map((one) => [one.execution_id, one.command, one.status, one.reason, Math.round(one.percentage), one.questions.length, one.picture]);
    redrawn(list, [shown, chosen], () => executions.map((one) => this.item(one, one.execution_id === chosen)));
    if (focused && document.activeElement === document.body) list.querySelector(`[data-execution="${CSS.escape(focused)}"]`)?.focus();
  }

  // What starts again and again; to remove it takes two steps.
  schedule(one) {
    const change = (verb, text) => {
      const button = element('button', { type: 'button', text, classes: 'small administers', 'aria-label': `${text} ${one.schedule_id}` });
      button.addEventListener('click', () => {
        if (verb === 'remove_schedule' && !button.dataset.asked) {
          button.dataset.asked = 'yes';
          button.textContent = 'Really remove';
        } else this.act(verb, { schedule_id: one.schedule_id });
      });
      return button;
    };
    const when = one.paused ? `paused: ${one.reason}` : `next at ${one.next}${one.reason ? `; ${one.reason}` : ''}`;
    return element('li', {}, [
      element('span', { classes: 'line' }, [element('span', { text: one.command || one.schedule_id, classes: 'name' }), chip(one.paused ? 'PAUSED' : counted(one.fired, 'start'))]),
      element('small', { text: `${one.description} · ${when}` }),
      element('span', { classes: 'controls' }, [one.paused ? change('resume_schedule', 'Resume') : change('pause_schedule', 'Pause'), change('remove_schedule', 'Remove')]),
    ]);
  }

  // A goal that is not confirmed as ended; a person who has looked at the robot releases it, in two steps.
  quarantined(goal) {
    const button = element('button', { type: 'button', text: 'Nothing moves any more', classes: 'administers' });
    button.addEventListener('click', () => {
      if (button.dataset.asked) this.act('release_quarantine', { goal_id: goal.goal_id });
      button.dataset.asked = 'yes';
      button.textContent = 'I have looked at the robot: release';
    });
    return element('li', {}, [element('span', { text: `${goal.text}. ` }), button]);
  }

  item(one, current) {
    const done = element('i');
    done.style.width = `${one.percentage}%`;
    const far = `${one.percentage.toFixed(0)}%`;
    const button = element('button', { type: 'button', 'data-execution': one.execution_id, 'aria-current': String(current) }, [
      element('span', { classes: 'line' }, [element('span', { text: one.command || one.execution_id, classes: 'name' }), chip(one.questions.length ? 'asks' : one.status)]),
      element('span', { classes: `meter ${tone(one.status)}`, 'aria-hidden': 'true' }, [done]),
      element('small', { text: [far, one.reason].filter(Boolean).join(' · ') }),
    ]);
    if (one.picture) {
      const seen = element('img', { src: `/api/pictures/${one.picture}`, alt: '', loading: 'lazy' });
      seen.addEventListener('error', () => seen.remove());
      button.append(seen);
    }
    button.addEventListener('click', () => this.onChoose(one.execution_id));
    return element('li', {}, [button]);
  }
}
