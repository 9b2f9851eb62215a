// Who looks at the page, and the way out. What a role may not do is left out by the style sheet; the node refuses it anyway.
import { post } from './api.js';
import { byId } from './dom.js';

export function setUpVisitor(say: (text: string, wrong?: boolean) => void): void {
  const { name, role } = document.body.dataset;
  byId('visitor').hidden = !name;
  byId('visitor-name').textContent = `${name} may ${role}`;
  byId('sign-out').addEventListener('click', () => {
    post('/api/sign_out', {}).then(() => location.reload(), (failure: Error) => say(failure.message, true));
  });
}
