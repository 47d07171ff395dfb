/** The program of the thread that has a file of logs. */
import { packAnswers, unpackAsks } from './packed-asks.js';
import { serveBook } from './serve-book.js';
import { openLogs } from './sqlite-logs.js';

void serveBook({ open: openLogs, unpackAsks, packAnswers });
