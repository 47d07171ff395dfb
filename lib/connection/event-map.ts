/** Event names with the type of their data. An interface of the application narrows `emit` and `request` to it. */
export type EventMap = object;

/** Names of a map's events; any string where no map is given. */
export type EventName<Events extends EventMap> = keyof Events & string;

/** Data of one event. */
export type EventData<Events extends EventMap, Name extends EventName<Events>> = Events[Name];

/** Events nobody has typed. */
export type AnyEvents = Record<string, unknown>;
