// The way in: a token becomes a session, which the browser keeps in a cookie that no script can read.
const form = document.getElementById('sign-in') as HTMLFormElement;
const token = document.getElementById('token') as HTMLInputElement;
const answer = document.getElementById('sign-in-answer') as HTMLElement;

form.addEventListener('submit', (submit) => {
  submit.preventDefault();
  void signIn();
});

async function signIn(): Promise<void> {
  answer.textContent = '';
  try {
    const response = await fetch('/api/sign_in', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: token.value.trim() }),
    });
    if (response.ok) { location.reload(); return; }
    const answered = await response.json().catch(() => ({})) as { error?: string };
    answer.textContent = answered.error ?? `status ${response.status}`;
  } catch {
    answer.textContent = 'the node does not answer';
  }
  token.select();
}
