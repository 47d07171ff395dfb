/** The program of the thread that has a file of counters. */
import { packAnswers, unpackAsks } from './packed-counters.js';
import { serveBook } from './serve-book.js';
import { openCounters } from './sqlite-counters.js';

void serveBook({
  // What a thread that died had not confirmed was counted, or not: all else holds.
  open: (db, settings: Parameters<typeof openCounters>[1]) => openCounters(db, settings),
  unpackAsks,
  packAnswers,
});
