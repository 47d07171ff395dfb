/** What the server and the page say to each other. Types only: the page loads nothing from here. */

/** What somebody wants. */
export interface Order {
  readonly drink: string;
  readonly cups: number;
}

/** An order that is in the database. */
export interface PlacedOrder extends Order {
  /** 1, 2, 3 … without gaps: what is rolled back takes no number. */
  readonly number: number;
  /** Made by the page that has ordered, and the same however often it is sent. */
  readonly key: string;
  /** When it was placed: milliseconds since 1970. */
  readonly at: number;
}

/** Answer to `order.place`. */
export type Receipt = Pick<PlacedOrder, 'number'>;

/** What the database has, counted by it. */
export interface Count {
  /** The rows of who asks: number and key, in the order of the numbers. */
  readonly rows: readonly (readonly [number: number, key: string])[];
  /** The rows of everybody. */
  readonly total: number;
}

/** Both directions, as the page's client has them. */
export interface OrdersContract {
  readonly send: {
    'order.place'(order: Order): Receipt;
    /** What the database has of who asks. */
    'order.count'(): Count;
    /** The last that were sent to everybody, from the newest to the oldest. */
    'order.latest'(): readonly PlacedOrder[];
  };
  readonly receive: {
    'order.placed': PlacedOrder;
  };
}
