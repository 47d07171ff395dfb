import type { INestApplication, ModuleMetadata } from '@nestjs/common';
import type { Stage } from './stage.js';

/** How both adapters read a message when the application says so. */
export type MessageParser = (data: unknown) => { event: string; data: unknown } | void;

/** Gateways, and what is done to them: performed under each adapter with the same frames in. */
export interface Scenario {
  /** What is compared, in the present tense: the test's name. */
  readonly name: string;
  /** The application's module. `CallLog` is always provided. */
  readonly module: ModuleMetadata | (() => ModuleMetadata);
  /** Global enhancers and other things a `main.ts` does. */
  readonly prepare?: (app: INestApplication) => void;
  /** Given to the adapter's constructor. */
  readonly messageParser?: MessageParser;
  /** Given to the adapter's `setMessageParser`. */
  readonly laterMessageParser?: MessageParser;
  /** What clients do. Clients that are open at the end are closed with 1000 before the application closes. */
  readonly play: (stage: Stage) => Promise<void>;
  /** The application closes while clients are connected. */
  readonly closesWithClients?: boolean;
  /** The application may refuse to start, which the transcript tells. */
  readonly mayNotStart?: boolean;
  /** Platform-ws of Nest 11 does something else, where gatewire does as Nest 12 on both; the reason, a row of docs/MIGRATION.md. */
  readonly asOnNest12?: string;
}

/** What came out. */
export interface Transcript {
  /** For each client: how it opened, every frame, how it closed. */
  readonly clients: readonly (readonly string[])[];
  /** Calls noted in the {@link CallLog}, with their arguments. */
  readonly calls: readonly string[];
}
