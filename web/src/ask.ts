// A question with two answers; Escape is no. No modal dialog: the emergency stop has to stay within reach.
import { byId } from './dom.js';

export function asked(words: string, yes: string, no: string): Promise<boolean> {
  const question = byId('ask');
  byId('ask-words').textContent = words;
  byId('ask-yes').textContent = yes;
  byId('ask-no').textContent = no;
  let answer = false;
  byId('ask-yes').onclick = () => { answer = true; question.hidePopover(); };
  byId('ask-no').onclick = () => question.hidePopover();
  question.showPopover();
  return new Promise((done) => {
    const closed = (toggle: Event): void => {
      if ((toggle as ToggleEvent).newState !== 'closed') return;
      question.removeEventListener('toggle', closed);
      done(answer);
    };
    question.addEventListener('toggle', closed);
  });
}
