import { type Client, type ClientStatus, createClient, exponential, persist } from 'gatewire/client';
import { indexedDb } from 'gatewire/client/storage';
import type { Note, NotesContract } from '../notes/notes-events.js';
import { newId } from './new-id.js';
import { Shelf } from './shelf.js';

/** A note as this page has it. */
export interface PageNote extends Note {
  /** The change of ours that the server has not confirmed. */
  readonly waiting: string | null;
}

/** What a notebook tells the page. */
export interface NotebookListener {
  statusChanged(status: ClientStatus, waiting: number): void;
  /** Somebody has changed something: this page, another, or the server that was asked. */
  notesChanged(notes: readonly PageNote[]): void;
  /** The server does not take a change. */
  refused(reason: string): void;
}

/**
 * The notes, apart from how they look. What is written is shown and kept at once. The client sends it when it can, also in
 * the next life of the page, and once: of several changes of a note that wait, the last.
 */
export class Notebook {
  readonly #shelf = new Shelf();
  #notes: Map<string, PageNote>;
  readonly #client: Client<NotesContract>;
  readonly #listener: NotebookListener;

  constructor(listener: NotebookListener) {
    this.#listener = listener;
    this.#notes = this.#shelf.notes();
    this.#client = createClient<NotesContract>({
      url: '/notes',
      storage: persist(indexedDb({ name: 'offline-notes' })),
      reconnect: exponential({ minMs: 250, maxMs: 5_000 }),
    });
    this.#client.on('saved', (note) => this.#saved(note));
    this.#client.when('undelivered', ({ error }) => {
      // Of several changes of one note the last is sent.
      if (error.code !== 'CANCELLED') listener.refused(error.message);
    });
    this.#shelf.changedElsewhere(() => {
      this.#notes = this.#shelf.notes();
      this.#tellNotes();
    });
    this.#client.when('state', () => this.#tellStatus());
    this.#client.when('open', ({ recovered }) => {
      if (!recovered) void this.#readAll();
    });
    this.#tellNotes();
  }

  get(id: string): PageNote | undefined {
    return this.#notes.get(id);
  }

  /** A new one; it is saved with its first words. */
  create(): string {
    return newId();
  }

  write(id: string, text: string): void {
    const known = this.#notes.get(id);
    if ((known?.text ?? '') === text) return;
    this.#send(id, text, known?.version ?? 0, newId());
    this.#tellAll();
  }

  #send(id: string, text: string, basedOn: number, change: string): void {
    const { author } = this.#shelf;
    this.#put({ id, text, change, author, version: basedOn, at: Date.now(), waiting: change });
    this.#client.emit('save', { id, text, change, author, basedOn }, { latest: id });
  }

  /** What the server has is what counts, but for what it has not got yet. */
  async #readAll(): Promise<void> {
    try {
      const notes = await this.#client.request('list', undefined, { timeoutMs: false });
      const there = new Set(notes.map(({ id }) => id));
      for (const note of notes) this.#take(note);
      // This server forgets when it is started anew: what it has never heard of is told again.
      for (const { id, text, change, waiting } of [...this.#notes.values()])
        if (waiting === null && !there.has(id)) this.#send(id, text, 0, change);
      this.#tellAll();
    } catch {
      // Without an answer the next connection asks again.
    }
  }

  #saved(note: Note): void {
    this.#take(note);
    this.#tellAll();
  }

  #take(note: Note): void {
    const known = this.#notes.get(note.id);
    // A change of ours has become a note of its own: of the other we have not kept what the server has.
    const changed = [...this.#notes.values()].find(
      ({ id, waiting }) => waiting === note.change && id !== note.id,
    );
    if (changed !== undefined) {
      this.#notes.delete(changed.id);
      void this.#readAll();
    }
    if (known?.waiting != null && known.waiting !== note.change) {
      // Ours is on its way: the server decides what becomes of it.
      if (note.author === this.#shelf.author) this.#put({ ...known, version: note.version });
    } else if (note.version >= (known?.version ?? 0)) this.#put({ ...note, waiting: null });
  }

  #put(note: PageNote): void {
    if (note.text === '' && note.waiting === null) this.#notes.delete(note.id);
    else this.#notes.set(note.id, note);
  }

  #tellAll(): void {
    this.#shelf.keep(this.#notes);
    this.#tellNotes();
  }

  #tellNotes(): void {
    const notes = [...this.#notes.values()].filter(({ text }) => text !== '').sort((a, b) => b.at - a.at);
    this.#listener.notesChanged(notes);
    this.#tellStatus();
  }

  #tellStatus(): void {
    const waiting = [...this.#notes.values()].filter((note) => note.waiting !== null).length;
    this.#listener.statusChanged(this.#client.status, waiting);
  }
}
