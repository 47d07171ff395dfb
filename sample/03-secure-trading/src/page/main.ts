import { logIn } from './http.js';
import { TradingPage } from './trading-page.js';
import { find } from './view/element.js';

const form = find<HTMLFormElement>('#login');
const problem = find<HTMLElement>('#problem');

form.addEventListener('submit', (event) => {
  event.preventDefault();
  void enter();
});

async function enter(): Promise<void> {
  problem.textContent = '';
  try {
    const fields = new FormData(form);
    const login = await logIn(fields.get('user') as string, fields.get('password') as string);
    form.reset();
    find<HTMLElement>('#welcome').hidden = true;
    find<HTMLElement>('#app').hidden = false;
    await TradingPage.start(login);
  } catch (error) {
    problem.textContent = error instanceof Error ? error.message : String(error);
  }
}
