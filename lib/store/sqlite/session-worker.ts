/** The program of the thread that has a file of sessions. */
import { packAnswers, unpackAsks } from './packed-sessions.js';
import { serveBook } from './serve-book.js';
import { openSessions } from './sqlite-sessions.js';

void serveBook({
  // What a thread that died had not confirmed is nobody's: all that was confirmed is there.
  open: (db, settings: Parameters<typeof openSessions>[1]) => openSessions(db, settings),
  unpackAsks,
  packAnswers,
});
