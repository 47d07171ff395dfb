import { keepPage } from './keep-page.js';
import { NotesPage } from './notes-page.js';

new NotesPage();
await keepPage();
