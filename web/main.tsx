import { render } from 'preact';
import { Page } from './shell/page.js';

const root = document.getElementById('page');
if (root) {
  root.replaceChildren();
  render(<Page />, root);
}
